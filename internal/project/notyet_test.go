package project

import (
	"strings"
	"testing"

	"github.com/woodwork-lang/ww/internal/diag"
	"github.com/woodwork-lang/ww/internal/schema"
	"github.com/woodwork-lang/ww/parser"
)

// Every kind of a chain runs in this version; one that a later table knows and does not run is no mistake of the file.
func TestWhatCannotRunYetIsNoMistake(t *testing.T) {
	t.Parallel()
	b := &parser.Block{Kind: &parser.Ident{Name: "dream"}, Type: &parser.Ident{Name: "lucid"}}
	k := &schema.Kind{Kind: "dream", Type: "lucid", Until: "sleep"}
	if d := notYet(b, k, nil, false); d.Code != "W_NOT_YET" || d.Severity == diag.Error || !strings.Contains(d.Summary, `"dream lucid"`) {
		t.Errorf("check: %+v", d)
	}
	if d := notYet(b, k, nil, true); d.Code != "E_NOT_YET" || d.Severity != diag.Error {
		t.Errorf("load: %+v", d)
	}
}
