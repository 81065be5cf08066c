package logbuf

import (
	"bytes"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// maxRaw bounds a line that no Writer wrote; longer ones are read in pieces.
const maxRaw = 1 << 20

// Components returns whose logs are in dir, sorted.
func Components(dir string) ([]string, error) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, err
	}
	var names []string
	for _, e := range entries {
		if name, _, ok := splitName(e.Name()); ok && e.Type().IsRegular() && !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names, nil
}

// splitName takes the component and the number out of a file name: agent.log, agent.log.3.
func splitName(file string) (component string, number int, ok bool) {
	if name, ok := strings.CutSuffix(file, suffix); ok && name != "" {
		return name, 0, true
	}
	i := strings.LastIndex(file, suffix+".")
	if i <= 0 {
		return "", 0, false
	}
	number, err := strconv.Atoi(file[i+len(suffix)+1:])
	return file[:i], number, err == nil && number > 0
}

// version is one file of a log.
type version struct {
	path   string
	number int
	info   os.FileInfo
}

// versions lists the files of a component, oldest first. A rotation in the middle of the listing would hide a file or
// show one twice, so it is done until it comes out the same twice; every rotation changes what the first name leads
// to. It returns nothing when that never happens.
func versions(dir, component string) []version {
	before := listing(dir, component)
	for range 100 {
		now := listing(dir, component)
		if slices.EqualFunc(before, now, func(a, b version) bool {
			return a.number == b.number && os.SameFile(a.info, b.info)
		}) {
			return now
		}
		before = now
	}
	return nil
}

func listing(dir, component string) []version {
	paths, _ := filepath.Glob(globSafe(filepath.Join(dir, component+suffix)) + "*") // the pattern is well formed
	var all []version
	for _, path := range paths {
		name, number, ok := splitName(filepath.Base(path))
		if !ok || name != component {
			continue
		}
		if info, err := os.Lstat(path); err == nil && info.Mode().IsRegular() {
			all = append(all, version{path: path, number: number, info: info})
		}
	}
	slices.SortFunc(all, func(a, b version) int { return b.number - a.number })
	return all
}

func deleted(f *os.File) bool {
	info, err := f.Stat()
	if err != nil {
		return false
	}
	st, ok := info.Sys().(*syscall.Stat_t)
	return ok && st.Nlink == 0
}

func globSafe(path string) string {
	return strings.NewReplacer(`\`, `\\`, `*`, `\*`, `?`, `\?`, `[`, `\[`).Replace(path)
}

// cursor reads the log of one component from some point to its end, through every rotation.
type cursor struct {
	dir, component string
	query          Query // what is not wanted is left out here, where it costs least

	file *os.File // nil before the first file exists
	info os.FileInfo
	buf  []byte // read and not yet taken
	mem  []byte // what buf lies in
	off  int64  // in the file, behind buf
	last time.Time
	note string // to be said before the next line

	levels map[string]Level // of the last line of each stream and instance; nil until somebody asks
}

func (c *cursor) close() {
	if c.file != nil {
		c.file.Close()
		c.file = nil
	}
}

// open continues at off in this file.
func (c *cursor) open(v version, off int64) bool {
	f, err := os.Open(v.path)
	if err != nil {
		return false
	}
	info, err := f.Stat()
	if err != nil || !os.SameFile(info, v.info) {
		f.Close()
		return false // it was renamed meanwhile
	}
	c.close()
	c.file, c.info, c.off, c.buf = f, info, off, nil
	return true
}

// next returns the next line that is complete. It reports false at the end of what there is now.
func (c *cursor) next() (Line, bool) {
	for {
		if c.note != "" {
			text := c.note
			c.note = ""
			return Line{Time: c.last, Component: c.component, Stream: StreamWW, Text: text}, true
		}
		if line, ok := c.take(); ok {
			return line, true
		}
		if !c.fill() && !c.advance() {
			return Line{}, false
		}
	}
}

// take cuts the next line that is wanted off what was read.
func (c *cursor) take() (Line, bool) {
	for {
		text, rest, found := bytes.Cut(c.buf, []byte{'\n'})
		if !found && len(c.buf) < maxRaw {
			return Line{}, false
		}
		c.buf = rest
		if line, ok := c.line(text); ok {
			return line, true
		}
	}
}

func (c *cursor) line(text []byte) (Line, bool) {
	r, ours := parse(text)
	if !ours { // printed past ww: as old as the line before it
		r = raw{at: c.last, stream: []byte("stderr"), text: text}
	}
	c.last = r.at
	matters := c.matters(&r, ours)
	if !matters || !c.query.wants(&r) {
		return Line{}, false
	}
	line := r.line()
	line.Component = c.component
	return line, c.query.Only == nil || c.query.Only(line)
}

// matters compares the level of a line, and remembers it for those that continue it.
func (c *cursor) matters(r *raw, ours bool) bool {
	if c.query.Level == Unknown {
		return true
	}
	if c.levels == nil {
		c.levels = map[string]Level{}
	}
	l := LevelOf(r.text)
	key := string(r.stream) + " " + string(r.instance)
	switch {
	case l != Unknown:
	case !ours: // the last words of a runtime
		l = Error
	case continues(r.text):
		l = max(c.levels[key], Info)
	default:
		l = Info
	}
	c.levels[key] = l
	return l >= c.query.Level
}

// fill reads on in the current file.
func (c *cursor) fill() bool {
	if c.file == nil {
		return false
	}
	c.mem = slices.Grow(append(c.mem[:0], c.buf...), 64<<10)
	have := len(c.buf)
	n, err := c.file.ReadAt(c.mem[have:cap(c.mem)], c.off)
	if err != nil && err != io.EOF {
		n = 0
	}
	c.off += int64(n)
	c.buf = c.mem[:have+n]
	if info, err := c.file.Stat(); n == 0 && err == nil && info.Size() < c.off {
		c.off, c.buf = 0, nil // somebody emptied it
		return info.Size() > 0
	}
	return n > 0
}

// advance goes to the next younger file. What the old one got between our last read and its renaming is read first.
func (c *cursor) advance() bool {
	if c.file != nil {
		now, err := os.Lstat(filepath.Join(c.dir, c.component+suffix))
		if err == nil && os.SameFile(now, c.info) {
			return false // the usual answer, for one stat
		}
	}
	all := versions(c.dir, c.component)
	if c.file == nil {
		return len(all) > 0 && c.open(all[0], 0)
	}
	at := slices.IndexFunc(all, func(v version) bool { return os.SameFile(v.info, c.info) })
	if at == len(all)-1 || at < 0 && !deleted(c.file) {
		return false // the youngest there is, or the listing missed it
	}
	if c.fill() {
		return true
	}
	rest := c.buf
	if !c.open(all[at+1], 0) {
		return false // renamed while we looked; the next call finds it
	}
	if len(rest) > 0 {
		c.buf = append(slices.Clone(rest), '\n') // torn; it never gets its end
	}
	if at < 0 {
		c.note = gapNote
	}
	return true
}
