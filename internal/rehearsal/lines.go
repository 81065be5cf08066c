package rehearsal

import (
	"bytes"
	"regexp"
	"strings"
)

var (
	// header begins a turn.
	header = regexp.MustCompile(`^\s*\[\[\s*turn\s*\]\]`)
	// pair begins a pair, or the table of one.
	pair = regexp.MustCompile(`^\s*(?:\[+\s*turn\s*\.\s*(\w+)|"?(\w+)"?\s*(?:\.[^=]*)?=)`)
)

// places are the lines of a file's keys: at 0 those above the first turn, then those of each turn. The header of a turn is
// at "".
func places(text []byte) []map[string]int {
	all := []map[string]int{{}}
	n, inside := 0, ""
	for line := range bytes.Lines(text) {
		n++
		if inside == "" {
			if header.Match(line) {
				all = append(all, map[string]int{"": n})
			}
			if m := pair.FindSubmatch(line); m != nil {
				key := string(m[1]) + string(m[2])
				if now := all[len(all)-1]; now[key] == 0 {
					now[key] = n
				}
			}
		}
		inside = after(inside, string(line))
	}
	return all
}

// after says in which kind of text of several lines the next line begins.
func after(inside, line string) string {
	for line != "" {
		if inside != "" {
			_, rest, ends := strings.Cut(line, inside)
			if !ends {
				return inside
			}
			inside, line = "", rest
			continue
		}
		i, j := strings.Index(line, `"""`), strings.Index(line, "'''")
		switch {
		case i < 0 && j < 0:
			return ""
		case j < 0 || i >= 0 && i < j:
			inside, line = `"""`, line[i+3:]
		default:
			inside, line = "'''", line[j+3:]
		}
	}
	return inside
}
