package tui

import (
	"fmt"
	"os"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// TestAnswersAreTakenOutOfTheKeys: wherever the terminal's answer comes and in whatever pieces, what is typed stays
// and the answer is not typed.
func TestAnswersAreTakenOutOfTheKeys(t *testing.T) {
	t.Parallel()
	const light, dark = "\x1b]11;rgb:fdfd/f6f6/e3e3\x1b\\", "\x1b]11;rgb:00/2b/36\a"
	tests := []struct {
		name   string
		writes []string
		keys   string
		told   string
	}{
		{"alone", []string{light}, "", "light"},
		{"ended by a bell", []string{dark}, "", "dark"},
		{"between keys", []string{"ab" + light + "cd"}, "abcd", "light"},
		{"in two pieces", []string{"a" + light[:9], light[9:] + "b"}, "ab", "light"},
		{"cut in its end", []string{light[:len(light)-1], light[len(light)-1:]}, "", "light"},
		{"never", []string{"a", "\x1b[A", "b"}, "a\x1b[Ab", ""},
		{"escape is a key", []string{"\x1b", "x"}, "\x1bx", ""},
		{"alt and a bracket is a key", []string{"\x1b]x"}, "\x1b]x", ""},
		{"another answer is left alone", []string{"\x1b]10;rgb:0/0/0\a"}, "\x1b]10;rgb:0/0/0\a", ""},
		{"nonsense is swallowed but not believed", []string{"\x1b]11;rgb:zz/0\a!"}, "!", ""},
		{"only once", []string{light, dark}, dark, "light"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			r, w, err := os.Pipe()
			if err != nil {
				t.Fatal(err)
			}
			defer r.Close()
			told, keys := "", ""
			a := &answers{File: r, until: time.Now().Add(time.Hour), tell: func(l bool) { told = map[bool]string{true: "light", false: "dark"}[l] }}
			buf := make([]byte, 256)
			for _, s := range tt.writes {
				fmt.Fprint(w, s)
				n, err := a.Read(buf)
				if err != nil {
					t.Fatal(err)
				}
				keys += string(buf[:n])
			}
			w.Close()
			if d := cmp.Diff([]string{tt.keys, tt.told}, []string{keys, told}); d != "" {
				t.Errorf("keys and what was told (-want +got):\n%s", d)
			}
		})
	}
}

func TestALateAnswerIsNotWaitedFor(t *testing.T) {
	t.Parallel()
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	defer w.Close()
	a := &answers{File: r, until: time.Now().Add(-time.Second), tell: func(bool) { t.Error("told") }}
	fmt.Fprint(w, "\x1b]11;x")
	buf := make([]byte, 256)
	if n, _ := a.Read(buf); string(buf[:n]) != "\x1b]11;x" || !a.until.IsZero() {
		t.Errorf("read %q", buf[:n])
	}
}
