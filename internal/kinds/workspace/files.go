package workspace

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"
	"time"

	"github.com/woodwork-lang/ww/internal/script"
)

// What is shown of files.
const (
	usualLines  = 2000
	longestLine = 2000     // characters
	largestFile = 16 << 20 // bytes
)

// below is a path as the workspace has it. One that is named as from inside is meant so.
func (w *workspace) below(p string) string {
	p = filepath.ToSlash(p)
	for _, root := range []string{w.inside, filepath.ToSlash(w.home)} {
		if rest, ok := strings.CutPrefix(p, strings.TrimRight(root, "/")); ok && root != "" && (rest == "" || rest[0] == '/') {
			p = strings.TrimLeft(rest, "/")
			break
		}
	}
	if p == "" {
		p = "."
	}
	return p
}

// local is a path for a root, which refuses what lies outside.
func local(p string) string { return filepath.FromSlash(path.Clean(p)) }

// open is the workspace as a root: nothing outside of it can be reached, also by links.
func (j *job) open() (*os.Root, error) { return os.OpenRoot(j.w.home) }

// within does something to a file of the workspace.
func (j *job) within(name string, do func(root *os.Root, path string) error) error {
	p, err := j.text(name)
	if err != nil {
		return err
	}
	root, err := j.open()
	if err != nil {
		return err
	}
	defer root.Close() //nolint:errcheck // what was written was closed
	if err := do(root, local(j.w.below(p))); err != nil {
		var pe *fs.PathError
		var le *os.LinkError
		if errors.As(err, &pe) || errors.As(err, &le) {
			return errPath(p, err)
		}
		return err
	}
	return nil
}

func load(root *os.Root, p string) ([]byte, error) {
	f, err := root.Open(p)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	if info, err := f.Stat(); err == nil && info.IsDir() {
		return nil, fmt.Errorf("%s is a directory", filepath.ToSlash(p))
	}
	b, err := io.ReadAll(io.LimitReader(f, largestFile+1))
	if err == nil && len(b) > largestFile {
		err = errTooLarge(filepath.ToSlash(p), largestFile)
	}
	return b, err
}

// save writes a file as a whole, and the directories above it.
func save(root *os.Root, p string, b []byte) error {
	if err := root.MkdirAll(filepath.Dir(p), 0o755); err != nil {
		return err
	}
	mode := fs.FileMode(0o644)
	if info, err := root.Stat(p); err == nil {
		mode = info.Mode().Perm()
	}
	tmp := filepath.Join(filepath.Dir(p), fmt.Sprintf(".%s.%d.tmp", filepath.Base(p), time.Now().UnixNano()))
	if err := root.WriteFile(tmp, b, mode); err != nil {
		return err
	}
	if err := root.Rename(tmp, p); err != nil {
		return errors.Join(err, root.Remove(tmp))
	}
	return nil
}

func (j *job) read() (text string, err error) {
	err = j.within("file_path", func(root *os.Root, p string) error {
		b, err := load(root, p)
		if err != nil {
			return err
		}
		text = j.numbered(p, b)
		return nil
	})
	return text, err
}

// numbered are lines as `cat -n` shows them.
func (j *job) numbered(p string, b []byte) string {
	if len(b) == 0 {
		return "The file is there, and it is empty."
	}
	lines := strings.Split(strings.TrimSuffix(strings.ToValidUTF8(string(b), "\uFFFD"), "\n"), "\n")
	from, most := max(0, j.number("offset", 0)), j.number("limit", usualLines)
	if from >= len(lines) {
		return fmt.Sprintf("Error: %s has %d lines; there is nothing from line %d on", filepath.ToSlash(p), len(lines), from+1)
	}
	var out strings.Builder
	for i := from; i < len(lines) && i < from+max(1, most); i++ {
		l := lines[i]
		if r := []rune(l); len(r) > longestLine {
			l = string(r[:longestLine])
		}
		fmt.Fprintf(&out, "%6d\t%s\n", i+1, l)
	}
	return strings.TrimSuffix(out.String(), "\n")
}

func (j *job) write() (string, error) {
	content, err := j.text("content")
	if err != nil {
		return "", err
	}
	err = j.within("file_path", func(root *os.Root, p string) error { return save(root, p, []byte(content)) })
	return fmt.Sprintf("%d bytes were written", len(content)), err
}

func (j *job) create() (string, error) {
	err := j.within("path", func(root *os.Root, p string) error {
		if err := root.MkdirAll(filepath.Dir(p), 0o755); err != nil {
			return err
		}
		f, err := root.OpenFile(p, os.O_CREATE|os.O_RDWR, 0o644)
		if err != nil {
			return err
		}
		return f.Close()
	})
	return "the file is there", err
}

func (j *job) insert() (string, error) {
	code, err := j.text("code")
	if err != nil {
		return "", err
	}
	at := j.number("line_number", 1)
	err = j.within("path", func(root *os.Root, p string) error {
		b, err := load(root, p)
		if err != nil {
			return err
		}
		lines := bytes.SplitAfter(b, []byte("\n"))
		n := min(max(0, at-1), len(lines))
		if !strings.HasSuffix(code, "\n") {
			code += "\n"
		}
		return save(root, p, bytes.Join([][]byte{bytes.Join(lines[:n], nil), []byte(code), bytes.Join(lines[n:], nil)}, nil))
	})
	return fmt.Sprintf("the code stands at line %d", at), err
}

func (j *job) backup() (string, error) {
	name := ""
	err := j.within("file_path", func(root *os.Root, p string) error {
		b, err := load(root, p)
		if err != nil {
			return err
		}
		name = p + ".backup_" + time.Now().Format("20060102_150405")
		return save(root, name, b)
	})
	return "kept as " + filepath.ToSlash(name), err
}

func (j *job) restore() (string, error) {
	name, err := j.text("backup_name")
	if err != nil {
		return "", err
	}
	err = j.within("file_path", func(root *os.Root, p string) error {
		from := local(j.w.below(name))
		if !strings.Contains(name, "/") {
			from = filepath.Join(filepath.Dir(p), from)
		}
		b, err := load(root, from)
		if err != nil {
			return errPath(name, err)
		}
		return save(root, p, b)
	})
	return "put back from " + name, err
}

// validate asks the language's own tool.
func (j *job) validate() (string, error) {
	p, err := j.text("file_path")
	if err != nil {
		return "", err
	}
	language := j.textOr("language", "auto")
	if language == "auto" {
		language = strings.TrimPrefix(path.Ext(p), ".")
	}
	var argv []string
	switch language {
	case "py", "python":
		argv = []string{"python3", "-c", "import ast,sys; ast.parse(open(sys.argv[1]).read(), sys.argv[1])"}
	case "js", "mjs", "javascript":
		argv = []string{"node", "--check"}
	case "sh", "bash":
		argv = []string{"sh", "-n"}
	case "go":
		argv = []string{"gofmt", "-l", "-e"}
	case "json":
		argv = []string{"python3", "-m", "json.tool"}
	default:
		return "", fmt.Errorf("nothing is known about the syntax of %q", language)
	}
	err = j.within("file_path", func(root *os.Root, p string) error {
		_, err := root.Stat(p)
		return err
	})
	if err != nil {
		return "", err
	}
	said, exit, err := (&job{w: j.w, ctx: j.ctx}).exec(append(argv, local(j.w.below(p))), j.w.limit)
	if err == nil && (exit == script.Exit{}) {
		return "the syntax is right", nil
	}
	return j.printed(said, exit, err)
}
