package project

import (
	"bytes"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"syscall"

	"github.com/woodwork-lang/ww/internal/diag"
	"github.com/woodwork-lang/ww/parser"
)

// read is the bytes of a source file. It never blocks: a pipe or device is refused by what it is, before it is opened,
// and opened without waiting in case it became one in between.
func read(name string) ([]byte, diag.List) {
	f, err := openRegular(name)
	var kind *irregular
	switch {
	case errors.As(err, &kind):
		return nil, diag.List{notAFile(name, kind.mode, inside(name, kind.mode))}
	case errors.Is(err, fs.ErrNotExist):
		return nil, diag.List{noFile(name, sources(filepath.Dir(name)))}
	case err != nil:
		return nil, diag.List{unreadable(name, err)}
	}
	defer f.Close()
	src, err := settledText(f, parser.MaxSize+1) // the parser refuses what is larger
	if err != nil {
		return nil, diag.List{unreadable(name, err)}
	}
	return src, nil
}

var errUnsettled = errors.New("it is being written all the time while it is read")

// settledText is the first limit bytes of a file. Somebody may be writing it just now; a text counts when a second look
// finds the same.
func settledText(f io.ReaderAt, limit int64) ([]byte, error) {
	const looks = 10
	var last []byte
	for n := range looks {
		text, err := io.ReadAll(io.NewSectionReader(f, 0, limit))
		if err != nil {
			return nil, err
		}
		if n > 0 && bytes.Equal(text, last) {
			return text, nil
		}
		last = text
	}
	return nil, errUnsettled
}

// irregular says that something is there which is no file.
type irregular struct{ mode fs.FileMode }

func (e *irregular) Error() string { return "it is " + nature(e.mode) + ", not a file" }

func openRegular(name string) (*os.File, error) {
	info, err := os.Stat(name)
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() {
		return nil, &irregular{info.Mode()}
	}
	f, err := os.OpenFile(name, os.O_RDONLY|syscall.O_NONBLOCK, 0)
	if err != nil {
		return nil, err
	}
	if info, err = f.Stat(); err == nil && !info.Mode().IsRegular() {
		err = &irregular{info.Mode()}
	}
	if err != nil {
		f.Close()
		return nil, err
	}
	return f, nil
}

// inside is the .ww file that was probably meant by the name of a directory.
func inside(name string, mode fs.FileMode) string {
	if !mode.IsDir() {
		return ""
	}
	found := sources(name)
	switch {
	case slices.Contains(found, "main.ww"):
		return filepath.Join(name, "main.ww")
	case len(found) == 1:
		return filepath.Join(name, found[0])
	}
	return ""
}

// sources are the names of the .ww files in a directory.
func sources(dir string) []string {
	var names []string
	for _, n := range neighbours(filepath.Join(dir, "x")) {
		if filepath.Ext(n) == ".ww" {
			names = append(names, n)
		}
	}
	return names
}

// Read is the text of a .ww file, or what is wrong with it: no file, no permission, something that is no file. It never
// waits for a pipe or device.
func Read(file string) ([]byte, diag.List) { return read(file) }
