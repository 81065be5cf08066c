package project

import (
	"cmp"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/woodwork-lang/ww/internal/schema"
	"github.com/woodwork-lang/ww/parser"
)

// One function for each type of the schema: the value converted, and whether it can be.

func isBlock(raw any) bool {
	switch raw.(type) {
	case string, Secret, map[string]any, Ref:
		return true
	}
	return false
}

func (c *checker) asText(p *schema.Property, v parser.Value, raw any) (any, bool) {
	if n, ok := v.(*parser.Number); ok {
		return secretIf(p.Secret, n.Text), len(p.Values) == 0
	}
	t, ok := text(raw)
	if ok && len(p.Values) > 0 {
		ok = slices.Contains(p.Values, t)
	}
	return raw, ok
}

func asInt(raw any) (int64, bool) {
	switch v := raw.(type) {
	case int64:
		return v, true
	case float64:
		return int64(v), v == math.Trunc(v) && math.Abs(v) < 1<<53
	}
	t, ok := text(raw)
	if !ok {
		return 0, false
	}
	n, err := strconv.ParseInt(strings.TrimSpace(t), 10, 64)
	return n, err == nil
}

func asFloat(raw any) (any, bool) {
	switch v := raw.(type) {
	case int64:
		return float64(v), true
	case float64:
		return v, true
	}
	t, ok := text(raw)
	if !ok {
		return nil, false
	}
	f, err := strconv.ParseFloat(strings.TrimSpace(t), 64)
	return f, err == nil && !math.IsInf(f, 0) && !math.IsNaN(f)
}

// asSeconds is a duration as seconds.
func asSeconds(raw any) (any, bool) {
	if f, ok := asFloat(raw); ok {
		return f, f.(float64) >= 0
	}
	t, _ := text(raw)
	d, err := time.ParseDuration(strings.ReplaceAll(t, " ", ""))
	return d.Seconds(), err == nil && d >= 0
}

// Bytes reads the value of a property that is a size: bytes as a number, or a text in which K, M, G and T are powers of
// 1024, with or without an i or a B behind them.
func Bytes(raw any) (int64, bool) {
	if n, ok := asInt(raw); ok {
		return n, n > 0
	}
	t, _ := text(raw)
	t = strings.ToUpper(strings.ReplaceAll(t, " ", ""))
	digits := strings.TrimRight(t, "KMGTIB")
	unit, known := map[string]float64{
		"": 1, "B": 1, "K": 1 << 10, "M": 1 << 20, "G": 1 << 30, "T": 1 << 40,
	}[strings.TrimSuffix(strings.TrimSuffix(t[len(digits):], "B"), "I")]
	n, err := strconv.ParseFloat(digits, 64)
	bytes := n * unit
	return int64(bytes), known && err == nil && bytes >= 1 && bytes < 1<<53
}

func (c *checker) asBool(p *schema.Property, v parser.Value, raw any) (any, bool) {
	if b, ok := raw.(bool); ok {
		return b, true
	}
	t, _ := text(raw)
	t = strings.ToLower(strings.TrimSpace(t))
	if t != "true" && t != "false" {
		return nil, false
	}
	if quoted, ok := v.(*parser.String); ok {
		c.report(quotedBool(p, quoted, t))
	}
	return t == "true", true
}

// asTexts is a list of texts. One text alone is a list of one, except that a command with blanks would have to be
// taken apart by somebody's rules.
func asTexts(t schema.Type, v parser.Value, raw any) (any, bool) {
	if one, ok := text(raw); ok {
		return []any{raw}, one != "" && (t != schema.Argv || !strings.ContainsAny(one, " \t"))
	}
	items, ok := raw.([]any)
	array, _ := v.(*parser.Array)
	if !ok || array == nil || (t == schema.Argv && len(items) == 0) {
		return nil, false
	}
	for i, item := range items {
		if n, isNumber := array.Items[i].(*parser.Number); isNumber {
			items[i] = n.Text
		} else if _, isText := text(item); !isText {
			return nil, false
		}
	}
	if t == schema.Argv {
		program, _ := text(items[0])
		return items, program != ""
	}
	return items, true
}

// inline reports the blocks in a list of components that are declarations of their own, or nothing at all. A block without
// a kind may hold names.
func (c *checker) inline(p *schema.Property, v parser.Value) (found bool) {
	switch v := v.(type) {
	case *parser.Array:
		for _, item := range v.Items {
			found = c.inline(p, item) || found
		}
	case *parser.Block:
		if found = v.Kind != nil || !c.namesOnly(v); found {
			c.report(inlineBlock(p, v))
		}
	}
	return found
}

// namesOnly reports whether all that a block holds names a component.
func (c *checker) namesOnly(v parser.Value) bool {
	switch v := v.(type) {
	case *parser.Word:
		return true // linking has looked at it
	case *parser.String:
		return c.linked.names[v.Text] != nil || c.linked.lost[v.Text]
	case *parser.Array:
		return !slices.ContainsFunc(v.Items, func(item parser.Value) bool { return !c.namesOnly(item) })
	case *parser.Block:
		return v.Kind == nil && !slices.ContainsFunc(v.Effective(), func(p *parser.Pair) bool { return p.Value == nil || !c.namesOnly(p.Value) })
	}
	return false
}

// asRefs is one component or several; quoted names mean the component where linking resolves them.
func (c *checker) asRefs(p *schema.Property, raw any) (any, bool) {
	byName := p.Name == "to" || p.Name == "tools"
	switch v := raw.(type) {
	case Ref:
		return v, true
	case string:
		return v, byName
	case map[string]any:
		return v, byName
	case []any:
		if p.Type == schema.Ref {
			return nil, false
		}
		for _, item := range v {
			if _, ok := c.asRefs(p, item); !ok {
				return nil, false
			}
		}
		return v, true
	}
	return nil, false
}

// exists reports a file that must be there and is not.
func (c *checker) exists(p *schema.Property, v parser.Value, value any) {
	name, _ := text(value)
	path := name
	if !filepath.IsAbs(path) {
		path = filepath.Join(c.dir, name)
	}
	shown := fmt.Sprintf("%q", name)
	if env, ok := v.(*parser.Env); ok {
		shown = "the value of $" + env.Name // which may be anything, a secret too
	}
	info, err := os.Stat(path)
	switch {
	case err != nil:
		c.report(missingFile(p, v.Span(), shown, name, err, path))
	case !info.Mode().IsRegular():
		c.report(notFile(p, v.Span(), shown, info))
	}
}

// asFallback is what stands in for an answer, in one form whatever way it was written: { kind, text or component }.
func asFallback(raw any) (any, bool) {
	switch v := raw.(type) {
	case Ref:
		return fallback("component", "component", string(v)), true
	case string:
		if v == "error" || v == "cached" {
			return map[string]any{"kind": v}, true
		}
		return fallback("static", "text", v), true
	case Secret:
		return fallback("static", "text", string(v)), true
	case map[string]any:
		return fallbackBlock(v)
	}
	return nil, false
}

func fallback(kind, key, value string) map[string]any {
	return map[string]any{"kind": kind, key: value}
}

// fallbackBlock reads static { text: "…" }, component { name: other } and the blocks { static: "…" }, { component: other }.
func fallbackBlock(b map[string]any) (any, bool) {
	kind, props := "", b
	if inner, ok := b["props"].(map[string]any); ok {
		kind, _ = b["kind"].(string)
		props = inner
	}
	for _, key := range []string{"static", "text", "component", "name"} {
		switch v := props[key].(type) {
		case Ref:
			return fallback("component", "component", string(v)), kind == "" || kind == "component"
		case string:
			return fallback("static", "text", v), (kind == "" || kind == "static") && (key == "static" || key == "text")
		}
	}
	if kind == "" && len(b) == 1 && b["cached"] == true || len(props) == 0 && (kind == "error" || kind == "cached") {
		return map[string]any{"kind": cmp.Or(kind, "cached")}, true
	}
	return nil, false
}
