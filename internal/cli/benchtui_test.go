package cli

import (
	"strings"
	"testing"
)

func TestAnEchoIsAWholeFieldWithThatText(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		said string
		want bool
	}{
		"nothing":                           {"", false},
		"the field":                         {"│ › abc   │", true},
		"with colours and a cursor":         {"\x1b[38;5;8m│\x1b[0m \x1b[1m›\x1b[0m ab\x1b[mc\x1b[7m \x1b[0m  │", true},
		"the letter before":                 {"│ › ab    │", false},
		"a letter more":                     {"│ › abcd  │", false},
		"an older frame, then this one":     {"│ › ab    │\r\n\x1b[3A│ › abc   │", true},
		"its end has not arrived":           {"│ › abc", false},
		"its end has arrived by half":       {"│ › abc\xe2\x94", false},
		"somebody's answer with that text":  {"brain    abc ", false},
		"the border, right behind the text": {"│ › abc│", true},
	} {
		if got := echoed(c.said, "abc"); got != c.want {
			t.Errorf("%s: %q: %v", name, c.said, got)
		}
	}
}

// The fields that are waited for follow from the keys, and no field is the same as the one before it.
func TestWhatIsTypedIsWhatTheFieldHolds(t *testing.T) {
	t.Parallel()
	field := warmKey
	for i := range 3*tuiWord + 1 {
		before := field
		keys, text := typed(i)
		if rest, clears := strings.CutPrefix(keys, "\x15"); clears {
			field, keys = "", rest
		}
		field += keys
		if field != text || len(keys) != 1 || field == before {
			t.Errorf("letter %d: %q pressed after %q, %q waited for", i, keys, before, text)
		}
	}
}
