package supervisor

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"syscall"
)

// openFiles opens what a child inherits as 0, 1 and 2, 3: an empty stdin, its log, its configuration.
func openFiles(spec Spec) (files []*os.File, err error) {
	defer func() {
		if err != nil {
			closeFiles(files)
		}
	}()
	null, err := os.Open(os.DevNull)
	if err != nil {
		return nil, err
	}
	files = append(files, null)
	log, err := openLog(spec.LogPath)
	if err != nil {
		return files, err
	}
	files = append(files, log)
	config, err := configFile(spec.Config)
	if err != nil {
		return files, err
	}
	return append(files, config), nil
}

func closeFiles(files []*os.File) {
	for _, f := range files {
		f.Close()
	}
}

func openLog(path string) (*os.File, error) {
	if path == "" {
		return os.OpenFile(os.DevNull, os.O_WRONLY, 0)
	}
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_APPEND|os.O_CREATE|syscall.O_NOFOLLOW, 0o600)
	if err != nil {
		return nil, logError(err)
	}
	return f, nil
}

// configFile holds a configuration for a child to read from its beginning. A pipe would block us above 64 KiB.
func configFile(config []byte) (*os.File, error) {
	if config == nil {
		return os.Open(os.DevNull)
	}
	f, err := memoryFile()
	if err != nil {
		return nil, configError(err)
	}
	if _, err = f.Write(config); err == nil {
		_, err = f.Seek(0, io.SeekStart)
	}
	if err != nil {
		f.Close()
		return nil, configError(err)
	}
	return f, nil
}

func temporaryFile() (*os.File, error) {
	f, err := os.CreateTemp("", "ww-*")
	if err != nil {
		return nil, err
	}
	return f, os.Remove(f.Name())
}

// startError names the file that is wrong: the kernel answers "not found" for the directory, the program and the
// interpreter in the program's first line alike.
func startError(spec Spec, err error) error {
	if _, dirErr := os.Stat(spec.Dir); spec.Dir != "" && dirErr != nil {
		return &fs.PathError{Op: "enter", Path: spec.Dir, Err: err}
	}
	if _, fileErr := os.Stat(spec.Path); fileErr == nil && errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("%s: the interpreter in its first line: %w", spec.Path, err)
	}
	return &fs.PathError{Op: "run", Path: spec.Path, Err: err}
}
