package pdftext

import (
	"bytes"
	"math"
	"strings"
)

// writer plays the operators of pages, as far as they write.
type writer struct {
	f     *file
	fonts map[any]*font
	out   *strings.Builder
	now   *font
	y     float64 // of the line
	depth int
}

func (w *writer) page(p page) {
	var all bytes.Buffer
	switch c := w.f.resolve(p.contents).(type) {
	case stream:
		all.Write(w.f.unpack(c))
	case []any:
		for _, part := range c {
			if s, ok := w.f.resolve(part).(stream); ok {
				all.Write(w.f.unpack(s))
				all.WriteByte('\n')
			}
		}
	}
	w.play(all.Bytes(), p.resources)
}

func (w *writer) play(b []byte, resources dict) {
	if w.depth++; w.depth > maxDepth {
		return
	}
	defer func() { w.depth-- }()
	l := lexer{b: b}
	var args []any
	for w.out.Len() < maxText {
		v, ok := l.value(0)
		if !ok {
			return
		}
		op, isWord := v.(word)
		if !isWord {
			if args = append(args, v); len(args) > 64 {
				args = args[1:]
			}
			continue
		}
		if op == "ID" { // a picture between the operators
			i := bytes.Index(b[l.i:], []byte("EI"))
			if i < 0 {
				return
			}
			l.i += i + 2
		}
		w.do(string(op), args, resources)
		args = args[:0]
	}
}

func (w *writer) do(op string, args []any, resources dict) {
	number := func(i int) float64 {
		if i < 0 || i >= len(args) {
			return 0
		}
		n, _ := args[i].(float64)
		return n
	}
	switch op {
	case "BT":
		w.line()
	case "Tf":
		if n, ok := first(args).(name); ok {
			w.now = w.font(resources, string(n))
		}
	case "Td", "TD":
		if number(1) != 0 {
			w.line()
		} else {
			w.gap()
		}
	case "Tm":
		if y := number(5); math.Abs(y-w.y) > 0.5 {
			w.y = y
			w.line()
		} else {
			w.gap()
		}
	case "T*":
		w.line()
	case "'", `"`:
		w.line()
		w.say(last(args))
	case "Tj":
		w.say(last(args))
	case "TJ":
		list, _ := last(args).([]any)
		for _, x := range list {
			if n, ok := x.(float64); ok && n < -180 { // thousandths of a letter's height: a word ends
				w.gap()
			}
			w.say(x)
		}
	case "Do":
		w.form(last(args), resources)
	}
}

func first(s []any) any {
	if len(s) == 0 {
		return nil
	}
	return s[0]
}

// form plays what is drawn on a page as a whole.
func (w *writer) form(v any, resources dict) {
	n, _ := v.(name)
	forms, _ := w.f.resolve(resources["XObject"]).(dict)
	s, ok := w.f.resolve(forms[string(n)]).(stream)
	if !ok || s.dict["Subtype"] != name("Form") {
		return
	}
	if own, ok := w.f.resolve(s.dict["Resources"]).(dict); ok {
		resources = own
	}
	w.play(w.f.unpack(s), resources)
}

func (w *writer) font(resources dict, n string) *font {
	fonts, _ := w.f.resolve(resources["Font"]).(dict)
	key, isRef := fonts[n].(ref)
	if known := w.fonts[key]; isRef && known != nil {
		return known
	}
	t := w.f.font(fonts[n])
	if isRef {
		w.fonts[key] = t
	}
	return t
}

func (w *writer) say(v any) {
	s, ok := v.(text)
	if !ok {
		return
	}
	if w.now == nil {
		w.now = &font{letters: map[int]string{}}
	}
	w.out.WriteString(w.now.text(s))
}

// line begins a new line, unless one has just begun.
func (w *writer) line() {
	if s := w.out.String(); s != "" && s[len(s)-1] != '\n' {
		w.out.WriteByte('\n')
	}
}

// gap is a space between words.
func (w *writer) gap() {
	if s := w.out.String(); s != "" && s[len(s)-1] != '\n' && s[len(s)-1] != ' ' {
		w.out.WriteByte(' ')
	}
}
