package workspace

import (
	"bytes"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
)

// mostFound is how many lines or files are named.
const mostFound = 1000

// never are the directories that are not looked into.
func never(name string) bool {
	switch name {
	case ".git", "node_modules", "__pycache__", ".venv", tmpDir:
		return true
	}
	return false
}

// walk visits the files below a directory.
func (j *job) walk(dir string, visit func(p string) error) error {
	root, err := j.open()
	if err != nil {
		return err
	}
	defer root.Close() //nolint:errcheck // it was only read
	return fs.WalkDir(root.FS(), path.Clean(j.w.below(dir)), func(p string, d fs.DirEntry, err error) error {
		switch {
		case j.ctx.Err() != nil:
			return j.ctx.Err()
		case err != nil && p == path.Clean(j.w.below(dir)):
			return errPath(dir, err)
		case err != nil:
			return nil //nolint:nilerr // what cannot be read is passed over
		case d.IsDir() && p != "." && never(d.Name()):
			return fs.SkipDir
		case d.IsDir():
			return nil
		}
		return visit(p)
	})
}

func (j *job) list() (string, error) {
	dir := j.textOr("path", ".")
	root, err := j.open()
	if err != nil {
		return "", err
	}
	defer root.Close() //nolint:errcheck // it was only read
	f, err := root.Open(local(j.w.below(dir)))
	if err != nil {
		return "", errPath(dir, err)
	}
	defer f.Close()
	entries, err := f.ReadDir(-1)
	if err != nil {
		return "", errPath(dir, err)
	}
	var names []string
	for _, e := range entries {
		name := e.Name()
		if e.IsDir() {
			name += "/"
		}
		if name != tmpDir+"/" && name != marker {
			names = append(names, name)
		}
	}
	if len(names) == 0 {
		return "The directory is empty.", nil
	}
	return some(sorted(names)), nil
}

func (j *job) find() (string, error) {
	pattern, err := j.text("pattern")
	if err != nil {
		return "", err
	}
	var found []string
	err = j.walk(j.textOr("path", "."), func(p string) error {
		if fits(pattern, p) {
			found = append(found, p)
		}
		return nil
	})
	if err != nil {
		return "", err
	}
	if len(found) == 0 {
		return "No files are found.", nil
	}
	return some(sorted(found)), nil
}

// fits compares a file with a pattern of its name, or of its path when the pattern has one.
func fits(pattern, p string) bool {
	if strings.Contains(pattern, "/") {
		ok, err := path.Match(strings.TrimPrefix(pattern, "./"), p)
		return err == nil && ok || strings.HasPrefix(pattern, "**/") && fits(strings.TrimPrefix(pattern, "**/"), path.Base(p))
	}
	ok, err := path.Match(pattern, path.Base(p))
	return err == nil && ok
}

func (j *job) search() (string, error) {
	pattern, err := j.text("pattern")
	if err != nil {
		return "", err
	}
	if j.flag("case_insensitive") {
		pattern = "(?i)" + pattern
	}
	re, err := regexp.Compile(pattern)
	if err != nil {
		return "", fmt.Errorf("the pattern is no regular expression: %w", err)
	}
	root, err := j.open()
	if err != nil {
		return "", err
	}
	defer root.Close() //nolint:errcheck // it was only read
	glob, around := j.textOr("file_glob", "*"), min(max(0, j.number("context_lines", 0)), 20)
	var found []string
	err = j.walk(".", func(p string) error {
		if len(found) < mostFound && fits(glob, p) {
			found = append(found, inFile(root, p, re, around)...)
		}
		return nil
	})
	if err != nil {
		return "", err
	}
	if len(found) == 0 {
		return "No matches are found.", nil
	}
	return some(found), nil
}

// inFile are the lines of a file that fit, as grep shows them.
func inFile(root *os.Root, p string, re *regexp.Regexp, around int) []string {
	b, err := load(root, filepath.FromSlash(p))
	if err != nil || bytes.IndexByte(b[:min(len(b), 8<<10)], 0) >= 0 {
		return nil // no text
	}
	lines := strings.Split(strings.TrimSuffix(string(b), "\n"), "\n")
	var out []string
	shown := -1
	for i, l := range lines {
		if !re.MatchString(l) {
			continue
		}
		for k := max(shown+1, i-around); k <= min(i+around, len(lines)-1); k++ {
			sep := "-"
			if k == i || re.MatchString(lines[k]) {
				sep = ":"
			}
			text := lines[k]
			if r := []rune(text); len(r) > longestLine {
				text = string(r[:longestLine])
			}
			out = append(out, fmt.Sprintf("%s%s%d%s%s", p, sep, k+1, sep, text))
			shown = k
		}
	}
	return out
}

func some(lines []string) string {
	if len(lines) > mostFound {
		return strings.Join(lines[:mostFound], "\n") + fmt.Sprintf("\n[cut: %d in all]", len(lines))
	}
	return strings.Join(lines, "\n")
}

func sorted(names []string) []string {
	slices.Sort(names)
	return names
}
