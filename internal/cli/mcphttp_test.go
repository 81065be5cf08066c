package cli

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

func TestNobodyReachesTheAppOverHTTPWithoutItsToken(t *testing.T) {
	t.Parallel()
	h := withToken("sesame", http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusAccepted) }))
	for given, want := range map[string]int{
		"": 401, "Bearer": 401, "Bearer ": 401, "Bearer sesam": 401, "sesame": 401, "Basic sesame": 401, "Bearer sesame": 202,
	} {
		r := httptest.NewRequest(http.MethodPost, mcpPath, nil)
		r.Header.Set("Authorization", given)
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		if w.Code != want {
			t.Errorf("%q: %d, want %d", given, w.Code, want)
		}
	}
}

func TestAnAddressWithoutAHostIsOfThisMachineAlone(t *testing.T) {
	t.Parallel()
	if _, err := listenAt(t.Context(), "a:b:c"); err == nil || !strings.Contains(err.Error(), "is no address") {
		t.Errorf("an address that is none: %v", err)
	}
	for _, address := range []string{"0", ":0", "127.0.0.1:0"} {
		l, err := listenAt(t.Context(), address)
		if err != nil {
			t.Fatal(err)
		}
		if host := l.Addr().String(); host[:10] != "127.0.0.1:" {
			t.Errorf("%s listens at %s", address, host)
		}
		if err := l.Close(); err != nil {
			t.Error(err)
		}
	}
}
