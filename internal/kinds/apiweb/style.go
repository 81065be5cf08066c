package apiweb

import (
	"encoding/json"
	"net/url"
	"slices"
	"strings"
)

// style is how a value that has parts is written where only text goes: in an address, a header, a form.
type style struct {
	name    string // form, simple, deepObject, spaceDelimited, pipeDelimited, label, matrix; "json": as JSON
	explode bool
}

// styleOf reads the style of a parameter, which depends on where the parameter goes.
func styleOf(m map[string]any, in string) style {
	if m["content"] != nil {
		return style{name: "json"}
	}
	s := style{name: word(m["style"])}
	if s.name == "" {
		s.name = "form"
		if in == "path" || in == "header" {
			s.name = "simple"
		}
	}
	explode, said := m["explode"].(bool)
	s.explode = explode || !said && (s.name == "form" || s.name == "deepObject")
	return s
}

// parts are the pieces of a value: of a list its items, of an object names and values. single: it has no parts.
func parts(v any) (names, values []string, single bool) {
	switch v := v.(type) {
	case []any:
		for _, one := range v {
			values = append(values, plain(one))
		}
		return nil, values, false
	case map[string]any:
		for _, name := range sorted(v) {
			if v[name] != nil {
				names, values = append(names, name), append(values, plain(v[name]))
			}
		}
		return names, values, false
	}
	return nil, []string{plain(v)}, true
}

// pairs are name=value, escaped, as they stand in a query or in a form.
func (s style) pairs(name string, v any) []string {
	key := url.QueryEscape(name)
	if s.name == "json" {
		return []string{key + "=" + url.QueryEscape(asJSON(v))}
	}
	names, values, single := parts(v)
	switch {
	case single:
		return []string{key + "=" + url.QueryEscape(values[0])}
	case names != nil && s.name == "deepObject":
		return each(names, values, func(n, v string) string { return url.QueryEscape(name+"["+n+"]") + "=" + url.QueryEscape(v) })
	case names != nil && s.explode:
		return each(names, values, func(n, v string) string { return url.QueryEscape(n) + "=" + url.QueryEscape(v) })
	case s.explode:
		return each(values, values, func(_, v string) string { return key + "=" + url.QueryEscape(v) })
	case len(values) == 0:
		return nil
	}
	between := map[string]string{"spaceDelimited": "%20", "pipeDelimited": "%7C"}[s.name]
	if between == "" {
		between = ","
	}
	return []string{key + "=" + strings.Join(flat(names, values, url.QueryEscape), between)}
}

// inPath is a value as a piece of a path.
func (s style) inPath(name string, v any) string {
	if s.name == "json" {
		return url.PathEscape(asJSON(v))
	}
	names, values, single := parts(v)
	prefix, between := "", ","
	switch s.name {
	case "label":
		if prefix = "."; s.explode {
			between = "."
		}
	case "matrix":
		prefix = ";" + url.PathEscape(name) + "="
		if s.explode && !single {
			prefix, between = ";", ";"
			if names == nil {
				prefix, between = ";"+url.PathEscape(name)+"=", ";"+url.PathEscape(name)+"="
			}
		}
	}
	if names != nil && s.explode {
		values = each(names, values, func(n, v string) string { return url.PathEscape(n) + "=" + url.PathEscape(v) })
		return prefix + strings.Join(values, between)
	}
	return prefix + strings.Join(flat(names, values, url.PathEscape), between)
}

// inHeader is a value as the value of a header or a cookie.
func (s style) inHeader(v any) string {
	if s.name == "json" {
		return asJSON(v)
	}
	names, values, _ := parts(v)
	if names != nil && s.explode {
		return strings.Join(each(names, values, func(n, v string) string { return n + "=" + v }), ",")
	}
	return strings.Join(flat(names, values, func(s string) string { return s }), ",")
}

func each(names, values []string, f func(name, value string) string) []string {
	out := make([]string, len(values))
	for i := range values {
		out[i] = f(names[i], values[i])
	}
	return out
}

// flat is names and values behind each other.
func flat(names, values []string, escape func(string) string) []string {
	var out []string
	for i, v := range values {
		if names != nil {
			out = append(out, escape(names[i]))
		}
		out = append(out, escape(v))
	}
	return out
}

func asJSON(v any) string {
	b, err := json.Marshal(v)
	if err != nil {
		return plain(v)
	}
	return string(b)
}

// without leaves out the pairs of names that are set otherwise.
func without(pairs []string, set map[string]string) []string {
	return slices.DeleteFunc(pairs, func(pair string) bool {
		key, _, _ := strings.Cut(pair, "=")
		name, err := url.QueryUnescape(key)
		_, is := set[name]
		return err == nil && is
	})
}
