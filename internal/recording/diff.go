package recording

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
)

// difference is the first place at which two bodies are not the same.
type difference struct{ field, was, is string }

// diff compares what was said. name is the field that they are in; what is JSON is compared by its parts.
func diff(name string, was, is []byte) (difference, bool) {
	if bytes.Equal(was, is) {
		return difference{}, false
	}
	var a, b any
	if json.Unmarshal(was, &a) != nil || json.Unmarshal(is, &b) != nil {
		return difference{name, string(was), string(is)}, true
	}
	return parts(name, a, b)
}

func parts(at string, a, b any) (difference, bool) {
	switch x := a.(type) {
	case map[string]any:
		if y, ok := b.(map[string]any); ok {
			return objects(at, x, y)
		}
	case []any:
		if y, ok := b.([]any); ok {
			return lists(at, x, y)
		}
	default:
		if a == b && scalar(b) {
			return difference{}, false
		}
	}
	return difference{at, shown(a), shown(b)}, true
}

// scalar keeps the comparison above from values that cannot be compared.
func scalar(v any) bool {
	switch v.(type) {
	case map[string]any, []any:
		return false
	}
	return true
}

func objects(at string, a, b map[string]any) (difference, bool) {
	var names []string
	for k := range a {
		names = append(names, k)
	}
	for k := range b {
		if _, both := a[k]; !both {
			names = append(names, k)
		}
	}
	slices.Sort(names)
	for _, k := range names {
		x, was := a[k]
		y, is := b[k]
		switch {
		case !was:
			return difference{at + "." + k, "(nothing)", shown(y)}, true
		case !is:
			return difference{at + "." + k, shown(x), "(nothing)"}, true
		}
		if d, differs := parts(at+"."+k, x, y); differs {
			return d, true
		}
	}
	return difference{}, false
}

func lists(at string, a, b []any) (difference, bool) {
	for i := range min(len(a), len(b)) {
		if d, differs := parts(at+"["+strconv.Itoa(i)+"]", a[i], b[i]); differs {
			return d, true
		}
	}
	switch {
	case len(a) > len(b):
		return difference{fmt.Sprintf("%s[%d]", at, len(b)), shown(a[len(b)]), "(nothing)"}, true
	case len(b) > len(a):
		return difference{fmt.Sprintf("%s[%d]", at, len(a)), "(nothing)", shown(b[len(a)])}, true
	}
	return difference{}, false
}

func shown(v any) string {
	if s, ok := v.(string); ok {
		return s
	}
	b, err := json.Marshal(v)
	if err != nil {
		return fmt.Sprint(v)
	}
	return string(b)
}
