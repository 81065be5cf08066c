// Package webhook is `output webhook`: it posts each answer to an address, tries again while that may help, and sets the
// answer aside as a dead letter when it does not.
package webhook

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io"
	"math/rand/v2"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/woodwork-lang/ww/internal/component"
	"github.com/woodwork-lang/ww/internal/kinds/console"
	"github.com/woodwork-lang/ww/internal/kinds/property"
)

// The defaults of the properties.
const (
	defaultAttempts = 5
	defaultBase     = 500 * time.Millisecond
	defaultCap      = 30 * time.Second
	defaultTimeout  = 10 * time.Second
)

// concurrent is how many answers are posted at once; those of one session go one after the other.
const concurrent = 50

// hook is one instance.
type hook struct {
	name, app string
	url       string
	host      string // of the url: what messages name, for the rest may hold secrets
	headers   map[string]string
	secret    string
	policy    policy
	client    http.Client
	env       component.Env
}

// policy says how often and how long.
type policy struct {
	attempts  int
	base, cap time.Duration
}

// New makes the component of spec.
func New(spec component.Spec) (component.Kind, error) {
	v := property.Values(spec.Config)
	h := &hook{name: spec.Name, app: spec.App.Name}
	var errURL, errHeaders, errSecret, errTimeout, errPolicy error
	h.url, errURL = v.Text("url", "")
	h.headers, errHeaders = v.Environment("headers")
	h.secret, errSecret = v.Text("secret", "")
	h.client.Timeout, errTimeout = v.Duration("timeout", defaultTimeout)
	h.policy, errPolicy = policyOf(v)
	if err := errors.Join(errURL, errHeaders, errSecret, errTimeout, errPolicy); err != nil {
		return nil, err
	}
	u, err := url.Parse(h.url)
	if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
		return nil, errAddress(spec.Name)
	}
	h.host = u.Host
	// What is posted goes to the address that is named and to no other.
	h.client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	h.client.Transport = &http.Transport{Proxy: http.ProxyFromEnvironment, MaxIdleConnsPerHost: concurrent, IdleConnTimeout: time.Minute}
	return h, nil
}

// policyOf reads retry: a number of attempts, or a block.
func policyOf(v property.Values) (policy, error) {
	p := policy{defaultAttempts, defaultBase, defaultCap}
	if n, ok, err := v.Number("retry"); err == nil && ok {
		p.attempts = max(1, int(n))
		return p, nil
	}
	dict, err := v.Dictionary("retry")
	if err != nil {
		return p, err
	}
	block := property.Values(dict)
	var errAttempts, errBase, errCap error
	p.attempts, errAttempts = block.Int("attempts", defaultAttempts)
	p.base, errBase = block.Duration("base", defaultBase)
	p.cap, errCap = block.Duration("cap", defaultCap)
	p.attempts = max(1, p.attempts)
	return p, errors.Join(errAttempts, errBase, errCap)
}

func (h *hook) Start(_ context.Context, env component.Env) (component.Traits, error) {
	h.env = env
	return component.Traits{Capabilities: []string{"text"}, MaxConcurrent: concurrent}, nil
}

func (h *hook) Close(context.Context) error {
	h.client.CloseIdleConnections()
	return nil
}

// posted is the body of a request.
type posted struct {
	Turn      string  `json:"turn"`
	Session   string  `json:"session"`
	Branch    string  `json:"branch,omitempty"`
	App       string  `json:"app"`
	Component string  `json:"component"`
	Answer    string  `json:"answer"`
	Attempt   int     `json:"attempt"` // of this answer, over all deaths of processes: above 1 it may have arrived before
	Timestamp float64 `json:"timestamp"`
}

// Handle posts one answer until it is taken.
func (h *hook) Handle(ctx context.Context, t component.Task) (component.Result, error) {
	body := console.Trim(t.Body)
	raw, err := json.Marshal(posted{
		t.Turn, t.Session, t.Branch, h.app, h.name, string(body), max(1, t.Attempt), float64(time.Now().UnixMicro()) / 1e6,
	})
	if err != nil {
		return component.Result{}, err
	}
	for attempt := 1; ; attempt++ {
		err := h.post(ctx, t, raw)
		if err == nil {
			return component.Result{ContentType: t.ContentType, Body: body}, nil
		}
		if ctx.Err() != nil {
			return component.Result{}, errInTime(h.host, context.Cause(ctx), err)
		}
		if !err.again || attempt >= h.policy.attempts {
			return component.Result{}, errGivenUp(h.host, attempt, err)
		}
		wait := h.policy.wait(attempt, err.after)
		h.env.Log.Warn("an answer was not taken", "host", h.host, "turn", t.Turn, "attempt", attempt, "error", err.Error(), "again_in", wait.Round(time.Millisecond).String())
		select {
		case <-time.After(wait):
		case <-ctx.Done():
			return component.Result{}, errInTime(h.host, context.Cause(ctx), err)
		}
	}
}

// wait is a random share of the time that doubles with each attempt; who says when to come again is listened to.
func (p policy) wait(attempt int, after time.Duration) time.Duration {
	if after > 0 {
		return min(after, max(p.cap, time.Minute))
	}
	most := min(p.base<<min(attempt-1, 20), p.cap)
	if most <= 0 {
		return 0
	}
	return rand.N(most) + 1
}

// most is how much is read of an answer to us: enough to show what it was.
const most = 300

func (h *hook) post(ctx context.Context, t component.Task, raw []byte) *refusal {
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, h.url, bytes.NewReader(raw))
	if err != nil {
		return &refusal{what: bare(err)}
	}
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("User-Agent", "ww")
	r.Header.Set("Idempotency-Key", strings.TrimSuffix(t.Turn+"/"+t.Branch, "/"))
	if h.secret != "" {
		sum := hmac.New(sha256.New, []byte(h.secret))
		sum.Write(raw)
		r.Header.Set("X-WW-Signature", "sha256="+hex.EncodeToString(sum.Sum(nil)))
	}
	for name, value := range h.headers {
		r.Header.Set(name, value)
	}
	resp, err := h.client.Do(r)
	if err != nil {
		return &refusal{what: bare(err), again: true}
	}
	defer resp.Body.Close()
	said, _ := io.ReadAll(io.LimitReader(resp.Body, most)) // what can be read of it
	if resp.StatusCode/100 == 2 {
		return nil
	}
	return &refusal{
		what: resp.Status + quoted(said), after: retryAfter(resp.Header.Get("Retry-After")),
		again: resp.StatusCode >= 500 || resp.StatusCode == 408 || resp.StatusCode == 425 || resp.StatusCode == 429,
	}
}

func retryAfter(value string) time.Duration {
	if n, err := strconv.Atoi(value); err == nil && n > 0 {
		return time.Duration(n) * time.Second
	}
	if at, err := http.ParseTime(value); err == nil {
		return max(0, time.Until(at))
	}
	return 0
}
