// Package secret hides secrets in text that others may see: in logs, in reasons, in reports.
//
// A secret is found as it is and in the forms in which programs print it by accident: in base64, also as a part of
// something longer, URL-encoded, and escaped in JSON. What is shorter than [Shortest] is not looked for: it would be
// found in every other word.
package secret

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"net/url"
	"slices"
	"strings"
)

// Shortest is how many bytes a secret must have to be hidden.
const Shortest = 8

// Mask stands where a secret was.
const Mask = "••••"

// Masker hides a set of secrets. The zero value hides nothing. It may be used by many goroutines.
//
// It looks at the text in steps of most of the length of the shortest form, whatever the number of secrets: where the
// last two bytes of such a window stand in no form, none can begin before them (Wu and Manber's search).
type Masker struct {
	forms  [][]byte
	window int
	skip   []uint8 // by two bytes: how far the window may move
}

// New makes a masker of these secrets. Values of several lines are hidden line by line, because logs are lines.
func New(secrets []string) *Masker {
	m := &Masker{}
	for _, s := range secrets {
		for line := range strings.Lines(s) {
			for _, form := range formsOf(strings.TrimSpace(line)) {
				m.add(form)
			}
		}
	}
	if len(m.forms) == 0 {
		return m
	}
	slices.SortFunc(m.forms, func(a, b []byte) int { return len(b) - len(a) }) // of two that begin alike, the longer
	m.window = min(len(m.forms[len(m.forms)-1]), 255)
	m.skip = bytes.Repeat([]byte{uint8(m.window - 1)}, 1<<16)
	for _, f := range m.forms {
		for i := 0; i+1 < m.window; i++ {
			at := pair(f[i], f[i+1])
			m.skip[at] = min(m.skip[at], uint8(m.window-2-i))
		}
	}
	return m
}

func pair(a, b byte) int { return int(a)<<8 | int(b) }

func (m *Masker) add(form string) {
	if len(form) < Shortest || slices.ContainsFunc(m.forms, func(f []byte) bool { return string(f) == form }) {
		return
	}
	m.forms = append(m.forms, []byte(form))
}

// formsOf is a secret in the ways in which it is printed.
func formsOf(s string) []string {
	if len(s) < Shortest {
		return nil
	}
	forms := []string{s, url.QueryEscape(s), url.PathEscape(s)}
	if b, err := json.Marshal(s); err == nil {
		forms = append(forms, string(b[1:len(b)-1]))
	}
	for before := range 3 {
		for _, e := range []*base64.Encoding{base64.RawStdEncoding, base64.RawURLEncoding} {
			forms = append(forms, within(e, s, before))
		}
	}
	return forms
}

// within is the part of the base64 of something longer that is the same whatever stands around the secret. before is
// how many bytes, modulo three, come before it.
func within(e *base64.Encoding, s string, before int) string {
	coded := e.EncodeToString(append(make([]byte, before), s...))
	whole := (before + len(s)) * 8 / 6 // digits that the end of the secret fills
	return coded[(before*8+5)/6 : whole]
}

// Bytes returns line with every secret replaced. It returns line itself when there is none.
func (m *Masker) Bytes(line []byte) []byte {
	var out []byte
	done := 0
	if m == nil || m.window == 0 {
		return line
	}
	for end := m.window; end <= len(line); {
		if n := m.skip[pair(line[end-2], line[end-1])]; n > 0 {
			end += int(n)
			continue
		}
		begin := end - m.window
		length := m.at(line[begin:])
		if length == 0 {
			end++
			continue
		}
		out = append(append(out, line[done:begin]...), Mask...)
		done = begin + length
		end = done + m.window
	}
	if out == nil {
		return line
	}
	return append(out, line[done:]...)
}

// at is the length of the form that rest begins with, or 0.
func (m *Masker) at(rest []byte) int {
	for _, f := range m.forms {
		if bytes.HasPrefix(rest, f) {
			return len(f)
		}
	}
	return 0
}

// Text is Bytes for a string.
func (m *Masker) Text(s string) string {
	if m == nil || m.window == 0 || len(s) < m.window {
		return s
	}
	return string(m.Bytes([]byte(s)))
}
