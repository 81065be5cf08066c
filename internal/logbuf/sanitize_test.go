package logbuf

import (
	"testing"
	"unicode/utf8"
)

func TestSanitize(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"plain\ttext":                              "plain\ttext",
		"grüße 日本 🙂":                               "grüße 日本 🙂",
		"\x1b[1;31mred\x1b[0m":                     "red",
		"\x1b]0;title\x07x\x1b]8;;http://e\x1b\\y": "xy",
		"\x1b(Bx\x1bcy\x1b7":                       "xy",
		"50%\r100%\b":                              `50%\x0d100%\x08`,
		"cut \x1b[31":                              `cut \x1b[31`,
		"lone \x1b":                                `lone \x1b`,
		"\x1b]0;no end":                            `\x1b]0;no end`,
		"\xff\xfe\x00":                             `\xff\xfe\x00`,
		"\u009b31mx":                               `\u009b31mx`,
		"a\u202eb\u200b":                           `a\u202eb\u200b`,
		"\x1bP+q544e\x1b\\x":                       "x",
		"\ufffd":                                   "\ufffd",
	} {
		if got := Sanitize(in); got != want {
			t.Errorf("%q: %q, want %q", in, got, want)
		}
	}
}

// FuzzSanitize: nothing that a terminal obeys is left, and a second time changes nothing.
func FuzzSanitize(f *testing.F) {
	f.Add("\x1b[31mred\x1b[0m\r\xff")
	f.Add("\x1b\x1b[[0m]0;\x07")
	f.Fuzz(func(t *testing.T, s string) {
		got := Sanitize(s)
		if !utf8.ValidString(got) {
			t.Fatalf("%q is not UTF-8", got)
		}
		for _, r := range got {
			if r < 0x20 && r != '\t' || r >= 0x7f && r <= 0x9f {
				t.Fatalf("%q still holds %q", got, r)
			}
		}
		if again := Sanitize(got); again != got {
			t.Errorf("%q became %q", got, again)
		}
	})
}
