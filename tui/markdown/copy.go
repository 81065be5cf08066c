package markdown

import "strings"

// Code are the pieces of code in a text, as they are drawn. One whose end is missing ends with the text.
func Code(text string) []string {
	var all []string
	var x fence
	begun := 0 // lines of this one
	var b strings.Builder
	end := func() {
		all, x, begun = append(all, b.String()), fence{}, 0
		b.Reset()
	}
	for l := range strings.Lines(text) {
		s := strings.TrimRight(l, "\r\n")
		if x.mark != "" && !x.holds(s) {
			end()
		}
		if x.mark == "" {
			depth, s := quote(clean(s), deepest)
			x.mark, x.indent = opening(s)
			x.depth = depth
			continue
		}
		code, closed := x.inner(s)
		if closed {
			end()
			continue
		}
		begun++
		b.WriteString(code + "\n")
	}
	if begun > 0 {
		end()
	}
	return all
}
