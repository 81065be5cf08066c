package main

import (
	"encoding/json"
	"fmt"
	"strings"
	"time"
	"unicode/utf8"
)

// longest bounds the pauses of a recording: nobody wants to wait for a slow machine.
const longest = 1500 * time.Millisecond

// cast is a recording in the form of asciinema, version 2: a head, and a line for everything that was said.
func cast(pieces []piece, w, h int) string {
	var b strings.Builder
	fmt.Fprintf(&b, `{"version": 2, "width": %d, "height": %d, "title": "ww dev", "env": {"TERM": "xterm-256color"}}`+"\n", w, h)
	var at, last time.Duration
	var rest []byte
	for _, p := range pieces {
		at += min(p.at-last, longest)
		last = p.at
		text := append(rest, p.text...)
		rest = nil
		for n := 1; n < utf8.UTFMax && n <= len(text); n++ { // a rune that is not whole waits for its end
			if tail := text[len(text)-n:]; utf8.RuneStart(tail[0]) && !utf8.FullRune(tail) {
				text, rest = text[:len(text)-n], tail
				break
			}
		}
		line, err := json.Marshal([]any{float64(at.Milliseconds()) / 1000, "o", string(text)})
		if err != nil {
			continue // plain data always marshals
		}
		b.Write(line)
		b.WriteByte('\n')
	}
	return b.String()
}
