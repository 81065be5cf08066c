package pdftext

import (
	"strconv"
	"strings"
	"unicode/utf16"
)

// font says which letters its codes are.
type font struct {
	wide    bool // codes have two bytes
	letters map[int]string
}

func (f *file) font(v any) *font {
	d, _ := f.resolve(v).(dict)
	out := &font{letters: map[int]string{}}
	out.wide = d["Subtype"] == name("Type0")
	if e, ok := f.resolve(d["Encoding"]).(dict); ok {
		list, _ := f.resolve(e["Differences"]).([]any)
		code := 0
		for _, x := range list {
			switch x := f.resolve(x).(type) {
			case float64:
				code = int(x)
			case name:
				if s := glyph(string(x)); s != "" {
					out.letters[code] = s
				}
				code++
			}
		}
	}
	if s, ok := f.resolve(d["ToUnicode"]).(stream); ok {
		out.cmap(f.unpack(s))
	}
	return out
}

// cmap reads a table of codes and letters.
func (t *font) cmap(b []byte) {
	l := lexer{b: b}
	var stack []any
	for {
		v, ok := l.value(0)
		if !ok {
			return
		}
		w, isWord := v.(word)
		if !isWord {
			stack = append(stack, v)
			continue
		}
		switch w {
		case "endcodespacerange":
			if s, ok := last(stack).(text); ok {
				t.wide = len(s) > 1
			}
		case "endbfchar":
			for i := 0; i+1 < len(stack); i += 2 {
				t.set(stack[i], 0, stack[i+1], 0)
			}
		case "endbfrange":
			for i := 0; i+2 < len(stack); i += 3 {
				t.span(stack[i], stack[i+1], stack[i+2])
			}
		}
		stack = stack[:0]
	}
}

func last(s []any) any {
	if len(s) == 0 {
		return nil
	}
	return s[len(s)-1]
}

func code(v any) int {
	s, _ := v.(text)
	n := 0
	for _, c := range []byte(s) {
		n = n<<8 | int(c)
	}
	return n & 0xffffff
}

// set notes that a code, moved by plus, is a letter whose last unit is moved by up.
func (t *font) set(from any, plus int, to any, up int) {
	s, ok := to.(text)
	if !ok {
		return
	}
	var units []uint16
	for i := 0; i+1 < len(s); i += 2 {
		units = append(units, uint16(s[i])<<8|uint16(s[i+1]))
	}
	if len(s) == 1 {
		units = []uint16{uint16(s[0])}
	}
	if len(units) > 0 {
		units[len(units)-1] += uint16(up)
		t.letters[code(from)+plus] = string(utf16.Decode(units))
	}
}

func (t *font) span(from, to, letters any) {
	n := min(code(to)-code(from), 0xffff)
	list, isList := letters.([]any)
	for i := 0; i <= n; i++ {
		switch {
		case !isList:
			t.set(from, i, letters, i)
		case i < len(list):
			t.set(from, i, list[i], 0)
		}
	}
}

// text is the letters of a string in this font.
func (t *font) text(s text) string {
	var out strings.Builder
	if t.wide {
		for i := 0; i+1 < len(s); i += 2 {
			out.WriteString(t.letters[int(s[i])<<8|int(s[i+1])]) // without a table nobody knows what it is
		}
		return out.String()
	}
	for _, c := range []byte(s) {
		if l, ok := t.letters[int(c)]; ok {
			out.WriteString(l)
			continue
		}
		out.WriteString(latin(c))
	}
	return out.String()
}

// latin is a code of the usual encoding of Western letters.
func latin(c byte) string {
	const upper = "€\x00‚ƒ„…†‡ˆ‰Š‹Œ\x00Ž\x00\x00‘’“”•–—˜™š›œ\x00žŸ"
	switch {
	case c == '\t' || c == '\n' || c == '\r':
		return " "
	case c < ' ' || c == 0x7f:
		return ""
	case c < 0x80 || c >= 0xa0:
		return string(rune(c))
	}
	if r := []rune(upper)[c-0x80]; r != 0 {
		return string(r)
	}
	return ""
}

// glyph is the letter with a name.
func glyph(n string) string {
	if len([]rune(n)) == 1 {
		return n
	}
	n, _, _ = strings.Cut(n, ".")
	if hex, ok := strings.CutPrefix(n, "uni"); ok && len(hex) >= 4 {
		if v, err := strconv.ParseUint(hex[:4], 16, 16); err == nil {
			return string(rune(v))
		}
	}
	const names = "space= exclam=! quotedbl=\" numbersign=# dollar=$ percent=% ampersand=& quotesingle=' quoteright=’ quoteleft=‘ " +
		"parenleft=( parenright=) asterisk=* plus=+ comma=, hyphen=- minus=− period=. slash=/ zero=0 one=1 two=2 three=3 four=4 " +
		"five=5 six=6 seven=7 eight=8 nine=9 colon=: semicolon=; less=< equal== greater=> question=? at=@ bracketleft=[ " +
		"backslash=\\ bracketright=] underscore=_ braceleft={ bar=| braceright=} asciitilde=~ endash=– emdash=— bullet=• " +
		"quotedblleft=“ quotedblright=” ellipsis=… fi=fi fl=fl ff=ff ffi=ffi ffl=ffl Adieresis=Ä Odieresis=Ö Udieresis=Ü " +
		"adieresis=ä odieresis=ö udieresis=ü germandbls=ß eacute=é egrave=è ecircumflex=ê agrave=à aacute=á acircumflex=â " +
		"ccedilla=ç iacute=í oacute=ó uacute=ú ntilde=ñ aring=å ae=æ oslash=ø degree=° section=§ copyright=© multiply=× "
	if i := strings.Index(" "+names, " "+n+"="); i >= 0 {
		rest := names[i+len(n)+1:]
		if n == "space" {
			return " "
		}
		s, _, _ := strings.Cut(rest, " ")
		return s
	}
	return ""
}
