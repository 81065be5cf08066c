package secret_test

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/url"
	"strings"
	"testing"

	"github.com/woodwork-lang/ww/internal/secret"
)

// awkward changes under every encoding.
const awkward = `s3cr+t/ü "q" &x=1`

func TestASecretIsHiddenInEveryFormInWhichItIsPrinted(t *testing.T) {
	t.Parallel()
	m := secret.New([]string{awkward, "hunter22"})
	asJSON, _ := json.Marshal(map[string]string{"key": awkward})
	for name, line := range map[string]string{
		"bare":           "key " + awkward + " end",
		"alone":          awkward,
		"another":        "password=hunter22",
		"twice":          "hunter22hunter22 hunter22",
		"query":          "GET /?k=" + url.QueryEscape(awkward),
		"path":           "GET /" + url.PathEscape(awkward),
		"json":           string(asJSON),
		"base64":         base64.StdEncoding.EncodeToString([]byte(awkward)),
		"base64url":      base64.RawURLEncoding.EncodeToString([]byte(awkward)),
		"in base64":      "Basic " + base64.StdEncoding.EncodeToString([]byte("a:"+awkward+"!")),
		"in base64, 1":   base64.StdEncoding.EncodeToString([]byte("user:" + awkward + "\n")),
		"in base64, 0":   base64.StdEncoding.EncodeToString([]byte("abc" + awkward + "de")),
		"in base64, 2nd": base64.StdEncoding.EncodeToString([]byte("user:hunter22")),
	} {
		got := m.Text(line)
		if !strings.Contains(got, secret.Mask) {
			t.Errorf("%s: %q shows as %q", name, line, got)
		}
		for _, bad := range []string{awkward, "hunter22", url.QueryEscape(awkward)} {
			if strings.Contains(got, bad) {
				t.Errorf("%s: %q is still in %q", name, bad, got)
			}
		}
	}
	if got, want := m.Text("a hunter22, b hunter22"), "a ••••, b ••••"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

// The bytes around a secret in base64 must not tell it either: whatever its neighbours, no six of its digits in a row stay.
func TestBase64LeavesNoMoreThanItsEdges(t *testing.T) {
	t.Parallel()
	s := "correct-horse-battery"
	m := secret.New([]string{s})
	for before := range 7 {
		for after := range 4 {
			line := base64.StdEncoding.EncodeToString([]byte(strings.Repeat("x", before) + s + strings.Repeat("y", after)))
			masked := m.Text(line)
			left := len(line) - (len(masked) - len(secret.Mask))
			if !strings.Contains(masked, secret.Mask) || left < (len(s)-1)*8/6-1 {
				t.Errorf("%d before, %d after: %s became %s", before, after, line, masked)
			}
		}
	}
}

func TestWhatIsNoSecretStays(t *testing.T) {
	t.Parallel()
	line := []byte("nothing to see, hunter2 is too short, and so is 'seven77'")
	m := secret.New([]string{"hunter2", "seven77", "", "a longer secret"})
	if got := m.Bytes(line); !bytes.Equal(got, line) || &got[0] != &line[0] {
		t.Errorf("%q became %q", line, got)
	}
	var none *secret.Masker
	for _, m := range []*secret.Masker{none, {}, secret.New(nil)} {
		if got := m.Text("x"); got != "x" {
			t.Errorf("got %q", got)
		}
		if got := m.Bytes(line); &got[0] != &line[0] {
			t.Errorf("got %q", got)
		}
	}
}

func TestLinesOfASecretAreHiddenOneByOne(t *testing.T) {
	t.Parallel()
	m := secret.New([]string{"-----BEGIN KEY-----\nMIIEpAIBAAKCAQEA\nq83v\n"})
	if got := m.Text("x MIIEpAIBAAKCAQEA"); got != "x ••••" {
		t.Errorf("got %q", got)
	}
}

// FuzzMasker compares the search with the plain one.
func FuzzMasker(f *testing.F) {
	f.Add("abcdefgh", "abcdefgi_long", "xx abcdefgh abcdefgi_longer")
	f.Add("aaaaaaaa", "aaaaaaaaa", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa")
	f.Fuzz(func(t *testing.T, a, b, line string) {
		m := secret.New([]string{a, b})
		got := m.Text(line)
		for _, s := range []string{a, b} {
			s = strings.TrimSpace(s)
			if len(s) >= secret.Shortest && !strings.ContainsAny(s, "\n•") && !strings.Contains(s, "\xe2") &&
				!strings.Contains(s, "\x80") && strings.Contains(got, s) {
				t.Fatalf("%q is still in %q (was %q)", s, got, line)
			}
		}
	})
}

func BenchmarkMask(b *testing.B) {
	line := []byte(strings.Repeat("the quick brown fox jumps over the lazy dog, ", 3)[:100])
	for _, n := range []int{0, 1, 20} {
		var all []string
		for i := range n {
			all = append(all, fmt.Sprintf("sk-live-%d-abcdefghijklmnopqrst", i*7919))
		}
		m := secret.New(all)
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			b.SetBytes(int64(len(line)))
			for b.Loop() {
				m.Bytes(line)
			}
		})
	}
}
