package nobody_test

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"testing"

	"github.com/woodwork-lang/ww/internal/nobody"
)

func TestNobodyIsRefusedWhatRootIsNot(t *testing.T) {
	if !nobody.Is(t) {
		return
	}
	if os.Geteuid() == 0 {
		t.Fatal("still root")
	}
	path := filepath.Join(t.TempDir(), "secret")
	if err := os.WriteFile(path, []byte("x"), 0); err != nil {
		t.Fatal(err)
	}
	if _, err := os.ReadFile(path); !errors.Is(err, fs.ErrPermission) {
		t.Errorf("err = %v, want a refusal", err)
	}
}
