package rehearsal

import (
	"bytes"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/pelletier/go-toml/v2"
)

// New is the text of a file that only asks.
func New(app string, asks []string) []byte {
	var b bytes.Buffer
	fmt.Fprintf(&b, "app = %s\n", quoted(app))
	for _, ask := range asks {
		fmt.Fprintf(&b, "\n[[turn]]\nask = %s\n", quoted(ask))
	}
	return b.Bytes()
}

// Record adds what came of the turns to a file's text, where nothing was expected of them. Everything else stays as it is.
func Record(f *File, source []byte, outcomes []Outcome) ([]byte, error) {
	end := "\n"
	if bytes.Contains(source, []byte("\r\n")) {
		end = "\r\n"
	}
	lines := strings.SplitAfter(string(source), "\n")
	added := map[int]string{}
	for i, t := range f.Turns {
		if t.expects() || i >= len(outcomes) || t.Line == 0 {
			continue
		}
		added[askLine(lines, t.Line)] = strings.ReplaceAll(expectations(outcomes[i]), "\n", end)
	}
	var b bytes.Buffer
	for i, line := range lines {
		b.WriteString(line)
		if text, ok := added[i+1]; ok {
			if !strings.HasSuffix(line, "\n") {
				b.WriteString(end)
			}
			b.WriteString(text)
		}
	}
	again, err := Parse(f.Name, b.Bytes())
	if err != nil {
		return nil, fmt.Errorf("the expectations could not be added to %s: %w", f.Name, err)
	}
	if !slices.EqualFunc(f.Turns, again.Turns, func(a, b Turn) bool { return a.Ask == b.Ask }) {
		return nil, fmt.Errorf("the expectations could not be added to %s: write each turn as a [[turn]] on a line of its own", f.Name)
	}
	return b.Bytes(), nil
}

// askLine is the line behind which expectations are written: that of ask, when it stands on one line right below the
// header, else the header.
func askLine(lines []string, header int) int {
	for n := header; n < len(lines); n++ {
		line := strings.TrimSpace(lines[n])
		var probe struct {
			Ask string `toml:"ask"`
		}
		switch {
		case line == "" || strings.HasPrefix(line, "#"):
		case strings.HasPrefix(line, "ask") && toml.Unmarshal([]byte(line), &probe) == nil && probe.Ask != "":
			return n + 1
		default:
			return header
		}
	}
	return header
}

func expectations(o Outcome) string {
	var b strings.Builder
	switch {
	case o.Status != "ok":
		fmt.Fprintf(&b, "status = %s\n", quoted(o.Status))
	default:
		fmt.Fprintf(&b, "answer = %s\n", quoted(o.Answer))
	}
	fmt.Fprintf(&b, "chain = %s\n", list(o.Chain))
	if len(o.Tools) == 0 {
		return b.String()
	}
	b.WriteString("tools = [\n")
	for _, t := range o.Tools {
		fmt.Fprintf(&b, "    { name = %s", quoted(t.Name))
		if t.Function != "" {
			fmt.Fprintf(&b, ", function = %s", quoted(t.Function))
		}
		if args, ok := inline(t.Arguments); ok && len(t.Arguments) > 0 {
			b.WriteString(", arguments = " + args)
		}
		b.WriteString(" },\n")
	}
	b.WriteString("]\n")
	return b.String()
}

func list(names []string) string {
	out := make([]string, len(names))
	for i, n := range names {
		out[i] = quoted(n)
	}
	return "[" + strings.Join(out, ", ") + "]"
}

// inline is a value in one line; false for what TOML cannot say.
func inline(v any) (string, bool) {
	switch v := v.(type) {
	case string:
		return quoted(v), true
	case bool:
		return strconv.FormatBool(v), true
	case float64:
		if v == float64(int64(v)) {
			return strconv.FormatInt(int64(v), 10), true
		}
		return strconv.FormatFloat(v, 'g', -1, 64), true
	case []any:
		var parts []string
		for _, p := range v {
			text, ok := inline(p)
			if !ok {
				return "", false
			}
			parts = append(parts, text)
		}
		return "[" + strings.Join(parts, ", ") + "]", true
	case map[string]any:
		var parts []string
		for _, k := range slices.Sorted(maps.Keys(v)) {
			text, ok := inline(v[k])
			if !ok {
				return "", false
			}
			parts = append(parts, quoted(k)+" = "+text)
		}
		return "{ " + strings.Join(parts, ", ") + " }", true
	}
	return "", false
}

// quoted is a text as TOML has it.
func quoted(s string) string {
	var b strings.Builder
	b.WriteByte('"')
	for _, r := range s {
		switch {
		case r == '"' || r == '\\':
			b.WriteByte('\\')
			b.WriteRune(r)
		case r == '\n':
			b.WriteString(`\n`)
		case r == '\t':
			b.WriteString(`\t`)
		case r < ' ' || r == 0x7f:
			fmt.Fprintf(&b, `\u%04X`, r)
		default:
			b.WriteRune(r)
		}
	}
	b.WriteByte('"')
	return b.String()
}
