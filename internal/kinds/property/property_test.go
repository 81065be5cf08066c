package property_test

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/woodwork-lang/ww/internal/kinds/property"
)

func values(t *testing.T, src string) property.Values {
	t.Helper()
	var v property.Values
	if err := json.Unmarshal([]byte(src), &v); err != nil {
		t.Fatal(err)
	}
	return v
}

func TestDurationReadsSecondsAndTexts(t *testing.T) {
	t.Parallel()
	for src, want := range map[string]time.Duration{
		`{}`:              7 * time.Second,
		`{"d": null}`:     7 * time.Second,
		`{"d": 2}`:        2 * time.Second,
		`{"d": 0.25}`:     250 * time.Millisecond,
		`{"d": "200ms"}`:  200 * time.Millisecond,
		`{"d": "1m30s"}`:  90 * time.Second,
		`{"d": 0}`:        0,
		`{"d": 31536000}`: 365 * 24 * time.Hour,
	} {
		got, err := values(t, src).Duration("d", 7*time.Second)
		if err != nil || got != want {
			t.Errorf("%s: got %v, %v; want %v", src, got, err, want)
		}
	}
}

func TestWrongTypesNameThePropertyAndTheForm(t *testing.T) {
	t.Parallel()
	v := values(t, `{"d": -1, "big": 1e300, "word": "soon", "text": 3, "list": "a b", "mixed": ["a", 1], "env": {"A": []}, "bool": "yes"}`)
	for want, read := range map[string]func() error{
		`property "d" must be a number of seconds or a text like "200ms", not -1`:        func() error { _, err := v.Duration("d", 0); return err },
		`property "big" must be a number of seconds or a text like "200ms", not 1e+300`:  func() error { _, err := v.Duration("big", 0); return err },
		`property "word" must be a number of seconds or a text like "200ms", not "soon"`: func() error { _, err := v.Duration("word", 0); return err },
		`property "bool" must be true or false, not "yes"`:                               func() error { _, err := v.Bool("bool"); return err },
		`property "text" must be a text in quotes, not 3`:                                func() error { _, err := v.Text("text", ""); return err },
		`property "list" must be a list like ["python3", "agent.py"], not "a b"`:         func() error { _, err := v.Texts("list"); return err },
		`property "mixed[1]" must be a text in quotes, not 1`:                            func() error { _, err := v.Texts("mixed"); return err },
		`property "env.A" must be a text, a number or a boolean, not []`:                 func() error { _, err := v.Environment("env"); return err },
		`property "text" must be a dictionary of names and values, not 3`:                func() error { _, err := v.Environment("text"); return err },
	} {
		err := read()
		if err == nil || err.Error() != want {
			t.Errorf("got  %v\nwant %s", err, want)
		}
	}
}

func TestEnvironmentWritesScalarsAndLeavesOutTheUnset(t *testing.T) {
	t.Parallel()
	got, err := values(t, `{"env": {"A": "x", "N": 3, "F": 0.5, "B": true, "U": null}}`).Environment("env")
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]string{"A": "x", "N": "3", "F": "0.5", "B": "true"}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
}
