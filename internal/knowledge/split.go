package knowledge

import (
	"path"
	"strings"
	"unicode/utf8"
)

// How long a passage is, in characters, and how much of it the next one repeats.
const (
	passageLength = 1000
	overlap       = 200
)

// separators are where a document may be cut, the best places first.
func separators(file string) []string {
	plain := []string{"\n\n", "\n", ". ", " ", ""}
	switch strings.ToLower(path.Ext(file)) {
	case ".md", ".markdown", ".rst":
		return append([]string{"\n# ", "\n## ", "\n### "}, plain...)
	case ".go", ".rs", ".java", ".c", ".h", ".cpp", ".cc", ".js", ".ts", ".tsx", ".jsx", ".kt", ".swift", ".php":
		return append([]string{"\nfunc ", "\ntype ", "\nclass ", "\nfunction ", "\nexport "}, plain...)
	case ".py", ".rb":
		return append([]string{"\nclass ", "\ndef ", "\n\tdef ", "\n    def "}, plain...)
	}
	return plain
}

// Split cuts a document into passages of at most 1,000 characters, at the best places there are; each repeats up to 200
// characters of the one before it.
func Split(file, text string) []Passage {
	text = strings.ReplaceAll(text, "\r\n", "\n")
	var out []Passage
	for _, piece := range join(cut(text, separators(file))) {
		if piece = strings.TrimSpace(piece); piece != "" {
			out = append(out, Passage{File: file, Index: len(out), Text: piece})
		}
	}
	return out
}

// cut divides a text into pieces that are short enough; put together they are the text.
func cut(text string, seps []string) []string {
	if utf8.RuneCountInString(text) <= passageLength {
		return []string{text}
	}
	sep := seps[0]
	if sep == "" {
		return runes(text)
	}
	var out []string
	for _, part := range before(text, sep) {
		out = append(out, cut(part, seps[1:])...)
	}
	return out
}

// before cuts a text where a separator begins, so that a heading stays with what is below it.
func before(text, sep string) []string {
	var out []string
	for {
		i := strings.Index(text[min(1, len(text)):], sep)
		if i < 0 {
			return append(out, text)
		}
		i++
		if sep == ". " || sep == " " {
			i += len(sep) // a sentence ends with its stop
		}
		out, text = append(out, text[:i]), text[i:]
	}
}

// runes cuts where there is no better place.
func runes(text string) []string {
	var out []string
	for len(text) > 0 {
		n, i := 0, 0
		for i = range text {
			if n == passageLength {
				break
			}
			n++
		}
		if n < passageLength || i == 0 {
			i = len(text)
		}
		out, text = append(out, text[:i]), text[i:]
	}
	return out
}

// join puts neighbours together as long as they fit, and lets each passage begin with the end of the one before it.
func join(pieces []string) []string {
	var out, window []string
	length := 0
	for _, p := range pieces {
		n := utf8.RuneCountInString(p)
		if length+n > passageLength && len(window) > 0 {
			out = append(out, strings.Join(window, ""))
			for length > overlap || length > 0 && length+n > passageLength {
				length -= utf8.RuneCountInString(window[0])
				window = window[1:]
			}
		}
		window, length = append(window, p), length+n
	}
	if len(window) > 0 {
		out = append(out, strings.Join(window, ""))
	}
	return out
}
