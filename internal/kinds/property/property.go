// Package property reads the properties of a component's declaration as the types a kind needs, with errors that a
// person can act on.
package property

import (
	"fmt"
	"math"
	"slices"
	"time"
)

// Values are the properties of one component, as they come out of JSON.
type Values map[string]any

// Text reads an optional text.
func (v Values) Text(name, otherwise string) (string, error) {
	x, ok := v[name]
	if !ok || x == nil {
		return otherwise, nil
	}
	s, ok := x.(string)
	if !ok {
		return "", errType(name, "a text in quotes", x)
	}
	return s, nil
}

// Bool reads an optional truth value; without one it is false.
func (v Values) Bool(name string) (bool, error) {
	switch x := v[name].(type) {
	case nil:
		return false, nil
	case bool:
		return x, nil
	default:
		return false, errType(name, "true or false", x)
	}
}

// Texts reads an optional list of texts.
func (v Values) Texts(name string) ([]string, error) {
	x, ok := v[name]
	if !ok || x == nil {
		return nil, nil
	}
	list, ok := x.([]any)
	if !ok {
		if own, ok := x.([]string); ok {
			return slices.Clone(own), nil
		}
		return nil, errType(name, `a list like ["python3", "agent.py"]`, x)
	}
	out := make([]string, len(list))
	for i, e := range list {
		if out[i], ok = e.(string); !ok {
			return nil, errType(fmt.Sprintf("%s[%d]", name, i), "a text in quotes", e)
		}
	}
	return out, nil
}

// Names reads an optional component or list of components.
func (v Values) Names(name string) ([]string, error) {
	if s, ok := v[name].(string); ok && s != "" {
		return []string{s}, nil
	}
	return v.Texts(name)
}

// Int reads an optional whole number that is not negative.
func (v Values) Int(name string, otherwise int) (int, error) {
	n, ok, err := v.Number(name)
	switch {
	case err == nil && !ok:
		return otherwise, nil
	case err != nil || n < 0 || n != math.Trunc(n) || n >= 1<<31:
		return 0, errType(name, "a whole number", v[name])
	}
	return int(n), nil
}

// Number reads an optional number; ok is false when there is none.
func (v Values) Number(name string) (n float64, ok bool, err error) {
	switch x := v[name].(type) {
	case nil:
		return 0, false, nil
	case int:
		return float64(x), true, nil
	case int64:
		return float64(x), true, nil
	case float64:
		return x, true, nil
	}
	return 0, false, errType(name, "a number", v[name])
}

// Environment reads an optional dictionary of names and values. Numbers and booleans are written out, a null is an
// unset variable and is left out.
func (v Values) Environment(name string) (map[string]string, error) {
	x, ok := v[name]
	if !ok || x == nil {
		return nil, nil
	}
	dict, ok := x.(map[string]any)
	if !ok {
		return nil, errType(name, "a dictionary of names and values", x)
	}
	out := make(map[string]string, len(dict))
	for k, e := range dict {
		switch e := e.(type) {
		case nil:
		case string, float64, int, bool:
			out[k] = fmt.Sprint(e)
		default:
			return nil, errType(name+"."+k, "a text, a number or a boolean", e)
		}
	}
	return out, nil
}

// Dictionary reads an optional dictionary; without one it is empty.
func (v Values) Dictionary(name string) (map[string]any, error) {
	switch x := v[name].(type) {
	case nil:
		return map[string]any{}, nil
	case map[string]any:
		return x, nil
	default:
		return nil, errType(name, "a dictionary of names and values", x)
	}
}

// Duration reads an optional length of time: a number of seconds, or a text like "200ms".
func (v Values) Duration(name string, otherwise time.Duration) (time.Duration, error) {
	switch x := v[name].(type) {
	case nil:
		return otherwise, nil
	case int:
		return seconds(name, float64(x))
	case float64:
		return seconds(name, x)
	case string:
		d, err := time.ParseDuration(x)
		if err != nil || d < 0 {
			return 0, errType(name, durationForm, x)
		}
		return d, nil
	default:
		return 0, errType(name, durationForm, x)
	}
}

const durationForm = `a number of seconds or a text like "200ms"`

// A year is far beyond every use, and far below where time.Duration overflows.
const longest = 365 * 24 * time.Hour

func seconds(name string, n float64) (time.Duration, error) {
	if math.IsNaN(n) || n < 0 || n > longest.Seconds() {
		return 0, errType(name, durationForm, n)
	}
	return time.Duration(n * float64(time.Second)), nil
}
