package diag_test

import (
	"regexp"
	"strings"
	"testing"

	"github.com/woodwork-lang/ww/internal/archtest"
	"github.com/woodwork-lang/ww/internal/diag"
)

func TestEveryCodeIsExplained(t *testing.T) {
	t.Parallel()
	seen := map[string]bool{}
	for _, c := range diag.Codes() {
		if seen[c.Name] {
			t.Errorf("%s is there twice", c.Name)
		}
		seen[c.Name] = true
		if c.Title == "" || c.Why == "" || c.Wrong == "" || c.Right == "" || c.Wrong == c.Right || strings.Contains(c.Title, "\n") {
			t.Errorf("%s says too little", c.Name)
		}
	}
}

// TestNoCodeIsReportedThatIsNotInTheList reads the packages that report problems. It also finds codes that nobody
// reports any more.
func TestNoCodeIsReportedThatIsNotInTheList(t *testing.T) {
	t.Parallel()
	looks := regexp.MustCompile("^[EW]_[A-Z_]+$")
	used, err := archtest.Literals(looks, "../../parser", "../project", "../kinds", "../cli")
	if err != nil || len(used) == 0 {
		t.Fatal("nothing was read: ", err)
	}
	for code, path := range used {
		if _, ok := diag.FindCode(code); !ok {
			t.Errorf("%s is reported by %s and is not in Codes", code, path)
		}
	}
	for _, c := range diag.Codes() {
		if used[c.Name] == "" {
			t.Errorf("nobody reports %s", c.Name)
		}
	}
}

func TestCodesAreFoundAsPeopleWriteThem(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]string{
		"E_CYCLE": "E_CYCLE", "e_cycle": "E_CYCLE", " cycle ": "E_CYCLE", "bare_word": "W_BARE_WORD", "E_BARE_WORD": "", "": "",
	} {
		if c, ok := diag.FindCode(name); c.Name != want || ok != (want != "") {
			t.Errorf("%q is %q, want %q", name, c.Name, want)
		}
	}
}
