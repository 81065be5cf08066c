package knowledge

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/woodwork-lang/ww/internal/pdftext"
	"github.com/woodwork-lang/ww/internal/watch"
)

// largest is how large a document may be; what is larger is hardly text.
const largest = 32 << 20

// document is a file as it was read.
type document struct {
	File
	text string
}

// errNoText says why a file is left out.
type errNoText string

func (e errNoText) Error() string { return string(e) }

// files are the documents below the source, sorted: the paths below the root, with slashes.
func (b *Base) files() ([]string, error) {
	source := b.Source
	if !filepath.IsAbs(source) {
		source = filepath.Join(b.Root, source)
	}
	info, err := os.Stat(source)
	if err != nil {
		return nil, errSource(b.Source, err)
	}
	if !info.IsDir() {
		return []string{b.name(source)}, nil
	}
	var all []string
	watch.Files(b.Root, source, func(path string) { all = append(all, b.name(path)) })
	slices.Sort(all)
	return all, nil
}

// name is how a file is called in passages.
func (b *Base) name(path string) string {
	rel, err := filepath.Rel(b.Root, path)
	if err != nil || strings.HasPrefix(rel, "..") {
		return filepath.ToSlash(path)
	}
	return filepath.ToSlash(rel)
}

// read reads a document. An errNoText says that it has no text.
func (b *Base) read(name string) (document, error) {
	path := filepath.FromSlash(name)
	if !filepath.IsAbs(path) {
		path = filepath.Join(b.Root, path)
	}
	f, err := os.Open(path)
	if err != nil {
		return document{}, err
	}
	defer f.Close()
	raw, err := io.ReadAll(io.LimitReader(f, largest+1))
	if err != nil {
		return document{}, err
	}
	if len(raw) > largest {
		return document{}, errNoText(fmt.Sprintf("larger than %d MB", largest>>20))
	}
	sum := sha256.Sum256(raw)
	d := document{File: File{Path: name, Hash: hex.EncodeToString(sum[:])}}
	if d.text, err = textOf(name, raw); err != nil {
		return d, err
	}
	if strings.TrimSpace(d.text) == "" {
		return d, errNoText("empty")
	}
	return d, nil
}

func textOf(name string, raw []byte) (string, error) {
	if strings.EqualFold(filepath.Ext(name), ".pdf") || bytes.HasPrefix(raw, []byte("%PDF-")) {
		return pdfText(raw)
	}
	raw = bytes.TrimPrefix(raw, []byte("\xef\xbb\xbf"))
	if bytes.IndexByte(raw[:min(len(raw), 8<<10)], 0) >= 0 {
		return "", errNoText("not text")
	}
	if !utf8.Valid(raw) {
		return strings.ToValidUTF8(string(raw), "\uFFFD"), nil
	}
	return string(raw), nil
}

func pdfText(raw []byte) (string, error) {
	text, err := pdftext.Text(raw)
	switch {
	case err != nil:
		return "", errNoText("a PDF that cannot be read: " + err.Error())
	case strings.TrimSpace(text) == "":
		return "", errNoText("a PDF without text: it holds pictures of pages")
	}
	return strings.ToValidUTF8(text, "\uFFFD"), nil
}

// noText is why a file is left out; ok is false when err says something else.
func noText(err error) (why string, ok bool) {
	var e errNoText
	ok = errors.As(err, &e)
	return string(e), ok
}
