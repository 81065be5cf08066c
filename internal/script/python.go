package script

import (
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// The worker for Python files and the stand-in for the package that they import. Standard library only.
//
//go:embed python/_ww_start.py python/_ww_worker.py python/woodwork/*.py python/woodwork/*/*.py python/fallback/*.py
var python embed.FS

// UnpackPython writes the worker for Python files below dir, unless it is there, and returns the path of what starts it.
func UnpackPython(dir string) (string, error) {
	files, sum, err := pythonFiles()
	if err != nil {
		return "", err
	}
	to := filepath.Join(dir, "python-"+sum)
	worker := filepath.Join(to, "_ww_start.py")
	if _, err := os.Stat(worker); err == nil {
		return worker, nil
	}
	tmp, err := os.MkdirTemp(dir, "python-")
	if err != nil {
		return "", err
	}
	defer os.RemoveAll(tmp) //nolint:errcheck // it was renamed, or is rubbish
	for name, text := range files {
		path := filepath.Join(tmp, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			return "", err
		}
		if err := os.WriteFile(path, text, 0o600); err != nil {
			return "", err
		}
	}
	if err := os.Rename(tmp, to); err != nil && !errors.Is(err, fs.ErrExist) {
		if _, serr := os.Stat(worker); serr != nil { // else another one was faster
			return "", err
		}
	}
	return worker, nil
}

// pythonFiles are the files by name, and a sum that changes with any of them.
func pythonFiles() (files map[string][]byte, sum string, err error) {
	files = map[string][]byte{}
	h := sha256.New()
	err = fs.WalkDir(python, "python", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		b, err := python.ReadFile(path)
		name := strings.TrimPrefix(path, "python/")
		files[name] = b
		h.Write([]byte(name + "\n"))
		h.Write(b)
		return err
	})
	return files, hex.EncodeToString(h.Sum(nil)[:6]), err
}
