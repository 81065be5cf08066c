package script_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// The stand-in for the package that old files import is tried in Python, as they use it.
func TestPayloadsAreWhatHooksAndPipesOfOldFilesTakeThemFor(t *testing.T) {
	t.Parallel()
	python, err := exec.LookPath("python3")
	if err != nil {
		if os.Getenv("WW_REQUIRE") == "all" {
			t.Fatal("this test needs python3")
		}
		t.Skip("needs python3")
	}
	folder, err := filepath.Abs("python")
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), python, "-B", filepath.Join("testdata", "standin.py"), folder)
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Errorf("%v\n%s", err, out)
	}
}
