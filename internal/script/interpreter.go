package script

import (
	"os"
	"path/filepath"
)

// Interpreter is the Python of a project: that of the old engine's environment, that of .venv, else python3.
func Interpreter(dir string) string {
	for _, p := range []string{".woodwork/env/bin/python", ".venv/bin/python"} {
		path := filepath.Join(dir, p)
		if info, err := os.Stat(path); err == nil && !info.IsDir() {
			return path
		}
	}
	return "python3"
}
