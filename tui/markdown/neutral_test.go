package markdown

import (
	"regexp"
	"strconv"
	"strings"

	"github.com/charmbracelet/x/ansi"
	"github.com/muesli/termenv"

	"github.com/woodwork-lang/ww/tui/kit"
	"github.com/woodwork-lang/ww/tui/theme"
)

// What two readers of Markdown understood is compared in a form of its own: a line of it for each line that is not empty,
// with a word for what it is and quoted parts for what stands out in it.

// piece is a part of a line that looks the same.
type piece struct {
	text string
	look look
}

// said is a line in the neutral form.
func said(quoted int, kind string, pieces []piece) string {
	var b strings.Builder
	b.WriteString(strings.Repeat("> ", quoted) + kind)
	for _, p := range joined(pieces) {
		if p.text == "" {
			continue
		}
		b.WriteByte(' ')
		for _, mark := range []struct {
			on   bool
			sign string
		}{{p.look.strong, "b"}, {p.look.em, "i"}, {p.look.gone, "s"}, {p.look.code, "c"}} {
			if mark.on {
				b.WriteString(mark.sign)
			}
		}
		b.WriteString(strconv.Quote(p.text))
		if p.look.url != "" {
			b.WriteString("(" + p.look.url + ")")
		}
	}
	return b.String()
}

// joined puts parts together that look alike, and drops the spaces at both ends.
func joined(pieces []piece) []piece {
	var out []piece
	for _, p := range pieces {
		if n := len(out); n > 0 && out[n-1].look == p.look {
			out[n-1].text += p.text
		} else if p.text != "" {
			out = append(out, p)
		}
	}
	if len(out) > 0 {
		out[0].text = strings.TrimLeft(out[0].text, " ")
		out[len(out)-1].text = strings.TrimRight(out[len(out)-1].text, " ")
	}
	return out
}

// broad is wide enough for no line to be wrapped.
const broad = 4000

// colored is a look that shows everything there is.
func colored() *theme.Theme { return theme.New(theme.Options{Profile: termenv.ANSI, Links: true}) }

// drawn is what our lines show, read from their colours.
func drawn(text string) []string {
	th := colored()
	var out []string
	for _, l := range New(th, broad).Add(text).All() {
		if s := shown(th, pieces(l)); s != "" {
			out = append(out, s)
		}
	}
	return out
}

var item = regexp.MustCompile(`^ *(?:([-+*])|[0-9]{1,9}([.)]))(?: |$)`)

// shown is a drawn line in the neutral form; empty when nothing is in it, or only the line below the head of a table.
func shown(th *theme.Theme, all []piece) string {
	quoted := 0
	bar, across := th.Box.Down, th.Box.Across
	if len(all) > 0 && all[0].look.aside && strings.HasPrefix(all[0].text, "> ") {
		quoted = len(all[0].text) / 2
		all = all[1:]
	}
	switch {
	case len(all) == 0:
		return ""
	case all[0].look.aside && all[0].text == bar:
		code := ""
		for _, p := range all[1:] {
			code += p.text
		}
		return said(quoted, "code", []piece{{text: "|" + strings.TrimPrefix(code, " ")}})
	case all[0].look.aside && strings.Trim(all[0].text, across) == "" && kit.Width(all[0].text) == broad-2*quoted:
		return said(quoted, "rule", nil)
	case all[0].look.aside && strings.Trim(all[0].text, across+th.Cross()) == "":
		return ""
	}
	var cells [][]piece
	var cell []piece
	for _, p := range all {
		if p.look.aside && p.text == bar {
			cells, cell = append(cells, cell), nil
			continue
		}
		cell = append(cell, p)
	}
	if len(cells) > 0 {
		return row(quoted, append(cells, cell))
	}
	kind := "text"
	if m := item.FindStringSubmatch(all[0].text); m != nil && all[0].look == (look{}) && (strings.HasSuffix(m[0], " ") || m[0] == all[0].text && len(all) == 1) {
		kind = "item" + m[1] + m[2]
		all[0].text = all[0].text[len(m[0]):]
	}
	return trim(said(quoted, kind, all))
}

// row is the row of a table.
func row(quoted int, cells [][]piece) string {
	var parts []string
	for _, c := range cells {
		parts = append(parts, said(0, "|", c))
	}
	return said(quoted, "row", nil) + " " + strings.Join(parts, " ")
}

// trim drops a line of text that has none.
func trim(s string) string {
	if strings.HasSuffix(s, "text") {
		return ""
	}
	return s
}

var sequence = regexp.MustCompile("\x1b\\[([0-9;]*)m|\x1b\\]8;[^;]*;([^\x07]*)\x07")

// pieces takes a drawn line apart by its sequences.
func pieces(l string) []piece {
	var out []piece
	var now look
	for l != "" {
		at := sequence.FindStringSubmatchIndex(l)
		if at == nil {
			out = append(out, piece{l, now})
			break
		}
		if at[0] > 0 {
			out = append(out, piece{l[:at[0]], now})
		}
		if at[4] >= 0 {
			now.url = l[at[4]:at[5]]
		} else {
			now = changed(now, l[at[2]:at[3]])
		}
		l = l[at[1]:]
	}
	for _, p := range out {
		if ansi.Strip(p.text) != p.text {
			panic("a sequence that no one knows: " + strconv.Quote(p.text))
		}
	}
	return out
}

// changed is what a sequence changes.
func changed(now look, code string) look {
	switch code {
	case "1":
		now.strong = true
	case "3":
		now.em = true
	case "90;9":
		now.gone = true
	case "4;4": // the words of a link, whose address is beside them
	case "96":
		now.code = true
	case "90":
		now.aside = true
	case "0", "":
		now = look{url: now.url}
	default:
		panic("a colour that no one knows: " + code)
	}
	return now
}
