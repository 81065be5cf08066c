package workspace

import (
	"context"
	"fmt"
	"io"
	"maps"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"time"

	"github.com/woodwork-lang/ww/internal/script"
)

// mostOutput is how much of what a command prints is kept: its beginning and its end.
const mostOutput = 256 << 10

// run is a command of an agent's. A line that is only `cd DIR` changes where the next ones run.
func (j *job) run(name string) (string, error) {
	if argv, ok := j.in[name].([]any); ok {
		var words []string
		for _, w := range argv {
			words = append(words, fmt.Sprint(w))
		}
		return j.printed(j.exec(words, j.w.limit))
	}
	line, err := j.text(name)
	if err != nil {
		return "", err
	}
	if dir, ok := directory(line); ok {
		return "", j.cd(dir)
	}
	argv, err := j.w.argv(line)
	if err != nil {
		return "", err
	}
	return j.printed(j.exec(argv, j.w.limit))
}

// argv is a line as a program with its arguments.
func (w *workspace) argv(line string) ([]string, error) {
	if w.docker == nil {
		line = w.meant(line)
	}
	if w.shell {
		return []string{"sh", "-c", line}, nil
	}
	return split(line)
}

// meant is a line in which the workspace is called as on this machine.
func (w *workspace) meant(line string) string {
	if w.inside == "" || w.inside == "/" {
		return line
	}
	re := regexp.MustCompile(`(^|[\s='":(;&|<>,])` + regexp.QuoteMeta(strings.TrimRight(w.inside, "/")) + `(/|$|[\s'":);&|<>,])`)
	for range 2 { // neighbours share what is between them
		line = re.ReplaceAllString(line, "${1}"+strings.ReplaceAll(w.home, "$", "$$")+"${2}")
	}
	return line
}

// directory is the place that a line only goes to.
func directory(line string) (string, bool) {
	dir, ok := strings.CutPrefix(strings.TrimSpace(line), "cd ")
	dir = strings.TrimSpace(dir)
	if !ok || strings.ContainsAny(dir, ";&|<>$`\n()") {
		return "", false
	}
	return strings.Trim(dir, `"'`), true
}

// cd goes to a directory of the workspace.
func (j *job) cd(dir string) error {
	to := j.w.below(dir)
	if !path.IsAbs(dir) && !filepath.IsAbs(dir) {
		to = path.Join(j.w.at.get(j.session), dir)
	}
	root, err := os.OpenRoot(j.w.home)
	if err != nil {
		return err
	}
	defer root.Close() //nolint:errcheck // it was only looked at
	info, err := root.Stat(local(to))
	if err != nil {
		return errPath(dir, err)
	}
	if !info.IsDir() {
		return fmt.Errorf("%s is no directory", dir)
	}
	j.w.at.set(j.session, to)
	return nil
}

// printed is what a command printed, with how it ended when that was not well.
func (j *job) printed(said string, exit script.Exit, err error) (string, error) {
	said = strings.TrimSpace(j.w.shown(said))
	switch {
	case err != nil:
		return "", err
	case exit.Signal != 0 || exit.Code != 0:
		said = strings.TrimSpace(said + "\n[" + exit.String() + "]")
	}
	return said, nil
}

// exec runs a program where the session's commands run.
func (j *job) exec(argv []string, limit time.Duration) (said string, exit script.Exit, err error) {
	w := j.w
	at := filepath.Join(w.home, filepath.FromSlash(w.at.get(j.session)))
	if w.docker != nil {
		argv = w.docker.command(path.Join(w.inside, w.at.get(j.session)), w.env, argv)
		at = w.spec.App.Dir
	}
	c := script.Command{
		Argv: append([]string{"/bin/sh", "-c", `exec "$@" 2>&1`, "sh"}, argv...), // what is said twice stands in its order
		Dir:  at, Env: w.environment(),
	}
	if w.docker == nil {
		c.Within = w.within()
	}
	return w.procs.run(j.ctx, c, limit)
}

// environment is what commands see of it: nothing of what ww was started with but where programs are.
func (w *workspace) environment() []string {
	env := map[string]string{"TERM": "dumb", "GIT_TERMINAL_PROMPT": "0", "DEBIAN_FRONTEND": "noninteractive"}
	if w.docker == nil {
		env["HOME"], env["TMPDIR"], env["WORKSPACE"] = w.home, filepath.Join(w.home, tmpDir), w.home
	}
	maps.Copy(env, w.spec.App.Seeded())
	maps.Copy(env, w.env)
	return script.Environment(env, w.spec.App.Tag)
}

// tmpDir is the directory for temporary files of commands, in the workspace.
const tmpDir = ".tmp"

// within is what commands may do with files: read and start what belongs to the system and to the programs on the PATH, and
// everything in the workspace.
func (w *workspace) within() *script.Confinement {
	c := &script.Confinement{
		Read: []string{"/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64", "/etc", "/opt", "/proc", "/sys", "/dev", "/run/systemd/resolve", "/nix", "/snap", "/var/lib"},
		Write: []string{
			w.home, "/dev/null", "/dev/zero", "/dev/full", "/dev/tty", "/dev/ptmx", "/dev/pts",
		},
	}
	home, _ := os.UserHomeDir()
	for _, dir := range filepath.SplitList(os.Getenv("PATH")) {
		if rel, err := filepath.Rel(home, dir); home != "" && err == nil && filepath.IsLocal(rel) && rel != "." {
			first, _, _ := strings.Cut(filepath.ToSlash(rel), "/")
			dir = filepath.Join(home, first) // as in ~/.pyenv/shims: its parts lie beside each other
		}
		c.Read = append(c.Read, dir)
	}
	return c
}

// processes starts commands and tells of them.
type processes struct {
	tell func(guard, child int, groups []int)
}

func (p *processes) run(ctx context.Context, c script.Command, limit time.Duration) (said string, exit script.Exit, err error) {
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	out := &ends{}
	c.Stderr = out // of the shell that starts it
	tree, err := script.Start(c)
	if err != nil {
		return "", exit, err
	}
	if p.tell != nil {
		p.tell(tree.Guard(), tree.Child(), []int{tree.Guard(), tree.Child()})
		defer p.tell(0, 0, nil)
	}
	_ = tree.Stdin().Close() // a command that asks hears nothing
	stop := context.AfterFunc(ctx, tree.Kill)
	defer stop()
	read := make(chan struct{})
	go func() {
		defer close(read)
		_, _ = io.Copy(out, tree.Stdout()) // its end is the end
	}()
	<-tree.Done()
	select { // what somebody still holds open is not waited for
	case <-read:
	case <-time.After(time.Second):
	}
	_ = tree.Stdout().Close() // it was read
	<-read
	if ctx.Err() == context.DeadlineExceeded {
		return "", exit, errLimit(limit, out.String())
	}
	return out.String(), tree.Exit(), ctx.Err()
}

// ends keeps the beginning and the end of what is written.
type ends struct {
	mu    sync.Mutex
	first []byte
	last  []byte
	all   int
}

func (e *ends) Write(b []byte) (int, error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	n := len(b)
	e.all += n
	if room := mostOutput/2 - len(e.first); room > 0 {
		k := min(room, len(b))
		e.first, b = append(e.first, b[:k]...), b[k:]
	}
	e.last = append(e.last, b...)
	if over := len(e.last) - mostOutput/2; over > mostOutput {
		e.last = append([]byte(nil), e.last[over:]...)
	}
	return n, nil
}

func (e *ends) String() string {
	e.mu.Lock()
	defer e.mu.Unlock()
	last := e.last[max(0, len(e.last)-mostOutput/2):]
	text := string(e.first) + string(last)
	if e.all > len(text) {
		text = fmt.Sprintf("%s\n[cut: %d bytes in all, the first and the last %d are shown]\n%s", e.first, e.all, mostOutput/2, last)
	}
	return strings.ToValidUTF8(text, "\uFFFD")
}
