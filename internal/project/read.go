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
	f, size, err := openRegular(name)
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
	src, err := settledText(f, size, parser.MaxSize+1) // the parser refuses what is larger
	if err != nil {
		return nil, diag.List{unreadable(name, err)}
	}
	return src, nil
}

var errUnsettled = errors.New("it is being written all the time while it is read")

// settledText is the first limit bytes of a file of about the given size. Somebody may be writing it just now; a text
// counts when a second look finds the same.
func settledText(f io.ReaderAt, size, limit int64) ([]byte, error) {
	const reads = 5
	for range reads {
		text := bytes.NewBuffer(make([]byte, 0, min(size, limit)+bytes.MinRead))
		if _, err := text.ReadFrom(io.NewSectionReader(f, 0, limit)); err != nil {
			return nil, err
		}
		if same, err := holds(io.NewSectionReader(f, 0, limit), text.Bytes()); same || err != nil {
			return text.Bytes(), err
		}
	}
	return nil, errUnsettled
}

// holds reports whether r holds the text and no more.
func holds(r io.Reader, text []byte) (bool, error) {
	part := make([]byte, min(len(text)+1, 32<<10))
	for {
		n, err := r.Read(part)
		rest, same := bytes.CutPrefix(text, part[:n])
		switch {
		case !same:
			return false, nil
		case err == io.EOF:
			return len(rest) == 0, nil
		case err != nil:
			return false, err
		}
		text = rest
	}
}

// irregular says that something is there which is no file.
type irregular struct{ mode fs.FileMode }

func (e *irregular) Error() string { return "it is " + nature(e.mode) + ", not a file" }

// openRegular opens a file, and says how large it is.
func openRegular(name string) (*os.File, int64, error) {
	info, err := os.Stat(name)
	if err != nil {
		return nil, 0, err
	}
	if !info.Mode().IsRegular() {
		return nil, 0, &irregular{info.Mode()}
	}
	f, err := os.OpenFile(name, os.O_RDONLY|syscall.O_NONBLOCK, 0)
	if err != nil {
		return nil, 0, err
	}
	if info, err = f.Stat(); err == nil && !info.Mode().IsRegular() {
		err = &irregular{info.Mode()}
	}
	if err != nil {
		f.Close()
		return nil, 0, err
	}
	return f, info.Size(), nil
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
