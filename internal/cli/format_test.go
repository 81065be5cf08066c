package cli_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/woodwork-lang/ww/parser"
)

func TestOurOwnFilesAreFormatted(t *testing.T) {
	t.Parallel()
	var files []string
	// ?*: beside a file that was run there is the directory .ww.
	for _, pattern := range []string{"../../examples/*/?*.ww", "template/*.ww"} {
		found, err := filepath.Glob(pattern)
		if err != nil || len(found) == 0 {
			t.Fatalf("%s matches nothing (%v)", pattern, err)
		}
		files = append(files, found...)
	}
	for _, name := range files {
		src, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		f, l := parser.Parse(name, src)
		if l.HasErrors() {
			t.Fatal(l)
		}
		now, l := parser.Format(f, parser.Keep)
		if diff := cmp.Diff(string(src), string(now)); diff != "" || len(l) > 0 {
			t.Errorf("%s: run ww fmt -w\n%s", name, diff)
		}
	}
}
