package scripted

import (
	"encoding/json"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/woodwork-lang/ww/internal/diag"
)

// A unit is one character of a text after its escapes were read.
type unit struct {
	char    rune
	escaped bool
	at      diag.Pos
}

// unescape reads \n, \t and a backslash in front of one of the characters in also.
func (p *parser) unescape(raw rawLine, also string, good *bool) []unit {
	var out []unit
	at := raw.at
	step := func(r rune) diag.Pos {
		from := at
		at.Offset += len(string(r))
		at.Col++
		return from
	}
	escape, begin := false, at
	for _, r := range raw.text {
		from := step(r)
		switch {
		case !escape && r == '\\':
			escape, begin = true, from
			continue
		case !escape:
			out = append(out, unit{char: r, at: from})
			continue
		case r == 'n':
			r = '\n'
		case r == 't':
			r = '\t'
		case !strings.ContainsRune(also, r):
			p.report(errEscape(r, also), diag.Span{File: p.file, Start: begin, End: at})
			*good = false
		}
		escape = false
		out = append(out, unit{char: r, escaped: true, at: begin})
	}
	if escape { // only in a text block: a quoted text cannot end behind a backslash
		out = append(out, unit{char: '\\', at: begin})
	}
	return out
}

// template reads the places of a text. Lines are joined by newlines.
func (p *parser) template(raw rawText) (Template, bool) {
	good := true
	var units []unit
	for n, line := range raw.lines {
		if n > 0 {
			units = append(units, unit{char: '\n', escaped: true})
		}
		units = append(units, p.unescape(line, `"\{`, &good)...)
	}
	return Template{Span: raw.span, parts: p.places(units)}, good
}

// jsonTemplate reads the places in the texts of a JSON object; its other braces are its own.
func (p *parser) jsonTemplate(raw rawText) (Template, bool) {
	t := Template{Span: raw.span, parts: p.places(jsonUnits(raw.lines[0])), json: true}
	if !json.Valid([]byte(t.Fill(nil))) {
		p.report(errObject, raw.span)
		return Template{}, false
	}
	return t, true
}

// jsonUnits are the characters of JSON as they stand, where only those inside of texts can be places.
func jsonUnits(line rawLine) []unit {
	var out []unit
	at, inText, escape := line.at, false, false
	for _, r := range line.text {
		out = append(out, unit{char: r, escaped: !inText || escape, at: at})
		at.Offset += utf8.RuneLen(r)
		at.Col++
		if r == '"' && !escape {
			inText = !inText
		}
		escape = r == '\\' && !escape
	}
	return out
}

func (p *parser) places(units []unit) []part {
	var parts []part
	var literal strings.Builder
	for i := 0; i < len(units); i++ {
		name, length := placeAt(units[i:])
		if length == 0 {
			literal.WriteRune(units[i].char)
			continue
		}
		end := units[i+length-1].at
		end.Offset++
		end.Col++
		parts = append(parts, part{literal: literal.String(), name: name, span: diag.Span{File: p.file, Start: units[i].at, End: end}})
		literal.Reset()
		i += length - 1
	}
	return append(parts, part{literal: literal.String()})
}

// placeAt returns the name of the place that begins here, and how many units it takes; none is 0. A brace around
// anything but a name or a number is just a brace.
func placeAt(units []unit) (string, int) {
	if units[0].char != '{' || units[0].escaped {
		return "", 0
	}
	var name strings.Builder
	for i, u := range units[1:] {
		switch {
		case u.escaped:
			return "", 0
		case u.char == '}' && isName(name.String()):
			return name.String(), i + 2
		case u.char > unicode.MaxASCII || !isName("a"+string(u.char)):
			return "", 0
		}
		name.WriteRune(u.char)
	}
	return "", 0
}

// isName tells a number or a name, as groups of an expression have them.
func isName(s string) bool {
	digits := len(s) > 0 && s[0] >= '0' && s[0] <= '9'
	for _, r := range s {
		letter := r == '_' || r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z'
		number := r >= '0' && r <= '9'
		if !letter && !number || letter && digits {
			return false
		}
	}
	return s != ""
}
