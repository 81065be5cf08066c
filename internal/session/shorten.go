package session

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"os"
	"path/filepath"
	"time"

	"github.com/woodwork-lang/ww/internal/sched"
)

// shorten drops the older half of one long session. Turns go on meanwhile, on as few processors as there are: so nothing is read
// as JSON that need not be, and nothing is kept in memory.
func (w *writer) shorten(path string) {
	p := &file{path: path}
	if p.open() != nil {
		return
	}
	defer p.close()
	p.lock() // until close: nobody appends to what is about to be replaced
	id, _ := nameID(filepath.Base(path))
	if err := shorten(p.f, path, id, w.o); err != nil {
		w.failed(err)
	}
}

func shorten(old *os.File, path, id string, o Options) error {
	info, err := old.Stat()
	if err != nil {
		return err
	}
	d, err := drop(old, info.Size()-o.MaxBytes/2)
	if err != nil {
		return err
	}
	if d.session != "" {
		id = d.session
	}
	if d.first.IsZero() {
		d.first = d.since
	}
	header := appendHeader(nil, id, o.TTL, d.route, d.first, &d.since)
	return rewrite(path, header, old, d.bytes, info.Size())
}

// dropped is the beginning of a session's file that goes.
type dropped struct {
	bytes   int64
	since   time.Time // of the latest line
	first   time.Time // of the session
	session string
	route   []string
}

// drop reads the lines that begin in the first n bytes.
func drop(f io.ReaderAt, n int64) (d dropped, err error) {
	r := bufio.NewReaderSize(io.NewSectionReader(f, 0, 1<<62), 64<<10)
	var latest, scratch []byte // of the times as they are written, which compare as the times do
	for i := 1; d.bytes < n && err == nil; i++ {
		if i%politeLines == 0 {
			sched.Yield()
		}
		var raw []byte
		raw, scratch, err = nextLine(r, scratch)
		d.bytes += int64(len(raw))
		switch at := timeOf(raw); {
		case bytes.HasPrefix(raw, []byte(`{"v":`)):
			d.header(raw)
		case bytes.Compare(at, latest) > 0:
			latest = append(latest[:0], at...)
		case at == nil:
			d.other(raw)
		}
	}
	if t, e := time.Parse(timeForm, string(latest)); e == nil && t.After(d.since) {
		d.since = t
	}
	if errors.Is(err, io.EOF) {
		err = nil
	}
	return d, err
}

// nextLine is one line with its newline, good until the next call.
func nextLine(r *bufio.Reader, scratch []byte) (raw, kept []byte, err error) {
	raw, err = r.ReadSlice('\n')
	if !errors.Is(err, bufio.ErrBufferFull) {
		return raw, scratch, err
	}
	scratch = scratch[:0]
	for errors.Is(err, bufio.ErrBufferFull) {
		scratch = append(scratch, raw...)
		raw, err = r.ReadSlice('\n')
	}
	scratch = append(scratch, raw...)
	return scratch, scratch, err
}

// timeOf is when a line was written, in timeForm; nil when the line is not in the form of appendTurn and appendEnd. In a text the
// quotes of the key would be escaped.
func timeOf(raw []byte) []byte {
	const key, length = `,"at":"`, len("2006-01-02T15:04:05.000Z")
	_, at, ok := bytes.Cut(raw, []byte(key))
	if !ok || len(at) <= length || at[length-1] != 'Z' || at[length] != '"' {
		return nil
	}
	return at[:length]
}

func (d *dropped) header(raw []byte) {
	l, ok := parseLine(raw)
	if !ok || l.Kind != kindSession {
		return
	}
	d.first, d.route, d.session = l.At, l.Route, l.Session
	if l.Since != nil && l.Since.After(d.since) {
		d.since = *l.Since
	}
}

// other is a line that is not as we write them.
func (d *dropped) other(raw []byte) {
	switch l, ok := parseLine(raw); {
	case !ok:
	case l.Kind == kindSession:
		d.header(raw)
	case l.At.After(d.since):
		d.since = l.At
	}
}

// rewrite makes the file anew: header, and what old has from one place to another.
func rewrite(path string, header []byte, old *os.File, from, to int64) error {
	next, err := os.OpenFile(path+".new", os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	_, err = next.Write(header)
	if err == nil {
		_, err = old.Seek(from, io.SeekStart)
	}
	if err == nil {
		_, err = io.Copy(next, io.LimitReader(old, to-from)) // in the kernel, where there is such a call
	}
	if err = errors.Join(err, next.Close()); err != nil {
		return errors.Join(err, os.Remove(path+".new"))
	}
	return os.Rename(path+".new", path)
}
