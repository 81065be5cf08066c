package component

import (
	"cmp"
	"slices"
	"time"
)

// CallPolicy says how a component is called. A zero field says nothing: what the caller says of all its calls counts
// then, and after that the default. Durations travel in nanoseconds.
type CallPolicy struct {
	Failures  int           `json:"failures,omitempty"`  // in a row, that open the breaker
	Successes int           `json:"successes,omitempty"` // probes in a row that close it
	Recovery  time.Duration `json:"recovery,omitempty"`  // how long it is open
	Silence   time.Duration `json:"silence,omitempty"`   // without a sign of life a call has failed

	Retry      RetryPolicy    `json:"retry,omitzero"`
	Fallback   FallbackPolicy `json:"fallback,omitzero"`
	Idempotent bool           `json:"idempotent,omitempty"` // a call may be made twice
	OnUnknown  OnUnknown      `json:"on_unknown,omitempty"`
	// Concurrent is how many calls one caller makes at a time: twice of what the component works on.
	Concurrent int `json:"concurrent,omitempty"`
}

// RetryPolicy says how often a call that failed is made again. Attempts counts the first one, too.
type RetryPolicy struct {
	Attempts int           `json:"attempts,omitempty"`
	Base     time.Duration `json:"base,omitempty"`
	Cap      time.Duration `json:"cap,omitempty"`
}

// FallbackPolicy says what stands in for an answer that did not come.
type FallbackPolicy struct {
	Kind      string `json:"kind,omitempty"`      // one of the words below; empty: nothing is said
	Text      string `json:"text,omitempty"`      // of a static one
	Component string `json:"component,omitempty"` // that is asked instead
}

// The kinds of fallback.
const (
	FallbackError     = "error"     // none: the failure is the answer
	FallbackStatic    = "static"    // always the same text
	FallbackComponent = "component" // another component's answer
	FallbackCached    = "cached"    // what the component last answered to the same request
)

// PolicyOf reads how a component is called from its properties, as they are after checking: times are seconds.
func PolicyOf(config map[string]any) CallPolicy {
	p := CallPolicy{
		Silence:    seconds(config["timeout"]),
		Idempotent: config["idempotent"] == true,
		OnUnknown:  OnUnknown(word(config["on_unknown"])),
		Concurrent: 2 * int(number(config["max_concurrent"])),
	}
	b, ok := firstDict(config, "breaker", "circuit_breaker")
	if d, is := config["distributed"].(map[string]any); is && !ok {
		b, ok = firstDict(d, "breaker", "circuit_breaker")
	}
	if ok {
		p.Failures, p.Successes = int(number(b["failure_threshold"])), int(number(b["success_threshold"]))
		p.Recovery = seconds(b["recovery_timeout"])
		p.Silence = cmp.Or(p.Silence, seconds(b["timeout"]))
	}
	if r, ok := config["retry"].(map[string]any); ok {
		p.Retry = RetryPolicy{Attempts: int(number(r["attempts"])), Base: seconds(r["base"]), Cap: seconds(r["cap"])}
	}
	if f, ok := config["fallback"].(map[string]any); ok {
		p.Fallback = FallbackPolicy{Kind: word(f["kind"]), Text: word(f["text"]), Component: word(f["component"])}
	}
	return p
}

// Or fills in what p does not say from q.
func (p CallPolicy) Or(q CallPolicy) CallPolicy {
	p.Failures, p.Successes = cmp.Or(p.Failures, q.Failures), cmp.Or(p.Successes, q.Successes)
	p.Recovery, p.Silence = cmp.Or(p.Recovery, q.Recovery), cmp.Or(p.Silence, q.Silence)
	p.Retry, p.Fallback = cmp.Or(p.Retry, q.Retry), cmp.Or(p.Fallback, q.Fallback)
	p.Idempotent, p.OnUnknown = p.Idempotent || q.Idempotent, cmp.Or(p.OnUnknown, q.OnUnknown)
	p.Concurrent = cmp.Or(p.Concurrent, q.Concurrent)
	return p
}

// forCaller is what a component's own properties say about the calls that it makes: not everything that they say about
// calls to it.
func (p CallPolicy) forCaller() CallPolicy {
	p.Idempotent, p.OnUnknown, p.Concurrent = false, "", 0
	return p
}

func firstDict(config map[string]any, names ...string) (map[string]any, bool) {
	i := slices.IndexFunc(names, func(n string) bool { _, ok := config[n].(map[string]any); return ok })
	if i < 0 {
		return nil, false
	}
	return config[names[i]].(map[string]any), true
}

// number reads a number of a Spec, which came as JSON or from a test.
func number(v any) float64 {
	switch n := v.(type) {
	case float64:
		return n
	case int64:
		return float64(n)
	case int:
		return float64(n)
	}
	return 0
}

func seconds(v any) time.Duration { return time.Duration(number(v) * float64(time.Second)) }

func word(v any) string {
	s, _ := v.(string)
	return s
}
