package httpinput

import (
	"crypto/sha256"
	"crypto/subtle"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strings"
)

// guarded lets nobody in who does not belong here: another name than this machine's (a web page that rebinds its own), a
// page of another origin, one without the token.
func (d *door) guarded(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		origin := r.Header.Get("Origin")
		switch {
		case !d.knows(r.Host):
			refuse(w, http.StatusForbidden, errHost(r.Host))
			return
		case origin != "" && !d.allows(origin):
			refuse(w, http.StatusForbidden, errOrigin(origin))
			return
		}
		if origin != "" {
			h := w.Header()
			h.Set("Access-Control-Allow-Origin", origin)
			h.Add("Vary", "Origin")
			if r.Method == http.MethodOptions {
				h.Set("Access-Control-Allow-Methods", "GET, POST, OPTIONS")
				h.Set("Access-Control-Allow-Headers", "Content-Type, Authorization")
				w.WriteHeader(http.StatusNoContent)
				return
			}
		}
		if !d.admits(r) {
			w.Header().Set("WWW-Authenticate", "Bearer")
			refuse(w, http.StatusUnauthorized, errToken)
			return
		}
		next.ServeHTTP(w, r)
	})
}

// knows says whether a request names this machine. Who listens on the network is found by names that we do not know; there
// the token decides.
func (d *door) knows(host string) bool {
	if !loopback(d.host) {
		return true
	}
	name, _, err := net.SplitHostPort(host)
	if err != nil {
		name = strings.Trim(host, "[]")
	}
	return name == d.host || loopback(name)
}

// loopback says whether a name or address means this machine and nothing else.
func loopback(name string) bool {
	name = strings.ToLower(strings.TrimSuffix(name, "."))
	if name == "localhost" || strings.HasSuffix(name, ".localhost") {
		return true
	}
	ip := net.ParseIP(name)
	return ip != nil && ip.IsLoopback()
}

// allows says whether pages of an origin may call: those of this machine, and those that are named.
func (d *door) allows(origin string) bool {
	if slices.Contains(d.origins, "*") || slices.Contains(d.origins, origin) {
		return true
	}
	u, err := url.Parse(origin)
	return err == nil && (u.Scheme == "http" || u.Scheme == "https") && loopback(u.Hostname())
}

// admits says whether a request has the token, in its header, or in its address: a page cannot give a WebSocket a header.
func (d *door) admits(r *http.Request) bool {
	if d.token == "" {
		return true
	}
	given, ok := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
	if !ok {
		given = r.URL.Query().Get("token")
	}
	want, got := sha256.Sum256([]byte(d.token)), sha256.Sum256([]byte(given))
	return subtle.ConstantTimeCompare(want[:], got[:]) == 1
}
