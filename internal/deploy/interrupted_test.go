package deploy_test

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/woodwork-lang/ww/golden"
	"github.com/woodwork-lang/ww/internal/deploy"
	"github.com/woodwork-lang/ww/internal/nobody"
	"github.com/woodwork-lang/ww/internal/project"
)

// victimEnv makes this binary somebody who is killed while it migrates: STEP, FILE and DIR of the backups, a line each.
const victimEnv = "WW_TEST_INTERRUPTED"

func TestMain(m *testing.M) {
	if order := os.Getenv(victimEnv); order != "" {
		victim(strings.Split(order, "\n"))
		return
	}
	golden.Main(m, "deploy")
}

// victim writes a migration, or takes it back, and kills itself at a step.
func victim(order []string) {
	what, step, file, dir := order[0], order[1], order[2], order[3]
	b := deploy.In(dir).Told(func(at string) {
		if at == step {
			_ = syscall.Kill(os.Getpid(), syscall.SIGKILL)
			select {}
		}
	})
	src, err := os.ReadFile(file)
	if err == nil && what == "rollback" {
		_, err = b.Rollback(file)
	} else if err == nil {
		p, _ := project.Load(file, noEnv)
		m, perr := deploy.Plan(p, src, deploy.Options{Mode: "distributed"})
		_, werr := b.Write(m, time.Now())
		err = errors.Join(perr, werr)
	}
	if err != nil {
		_, _ = os.Stderr.WriteString(err.Error())
	}
	os.Exit(3) // it was to be killed
}

func killedAt(t *testing.T, what, step, file, dir string) {
	t.Helper()
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), exe)
	cmd.Env = append(os.Environ(), victimEnv+"="+strings.Join([]string{what, step, file, dir}, "\n"))
	out, err := cmd.CombinedOutput()
	if cmd.ProcessState == nil || !cmd.ProcessState.Sys().(syscall.WaitStatus).Signaled() {
		t.Fatalf("%s was not killed where %s: %v %s", what, step, err, out)
	}
}

// Killed at any step of it, a write leaves the old file or the new one; the next write and the way back work.
func TestAWriteThatIsKilledLeavesTheOldFileOrTheNewOne(t *testing.T) {
	steps, _ := deploy.Steps()
	for _, step := range steps {
		t.Run(step, func(t *testing.T) {
			p, dir := loaded(t, central), t.TempDir()
			m := planned(t, p, central, deploy.Options{Mode: "distributed"})
			killedAt(t, "write", step, p.File, dir)
			b, now := deploy.In(dir), text(t, p.File)
			if now != central && now != string(m.After) {
				t.Fatalf("the file is %q", now)
			}
			_, err := b.Rollback(p.File)
			if wrote := now != central; wrote != (err == nil) || !wrote && !strings.Contains(err.Error(), "no migration") {
				t.Errorf("the way back: %v", err)
			}
			if got := text(t, p.File); got != central {
				t.Errorf("after the way back the file is %q", got)
			}
			whole(t, b, p.File, m)
		})
	}
}

// The same of the way back.
func TestARollbackThatIsKilledLeavesTheNewFileOrTheOldOne(t *testing.T) {
	_, steps := deploy.Steps()
	for _, step := range steps {
		t.Run(step, func(t *testing.T) {
			p, dir := loaded(t, central), t.TempDir()
			b, m := deploy.In(dir), planned(t, p, central, deploy.Options{Mode: "distributed"})
			if _, err := b.Write(m, time.Now()); err != nil {
				t.Fatal(err)
			}
			killedAt(t, "rollback", step, p.File, dir)
			if now := text(t, p.File); now != central && now != string(m.After) {
				t.Fatalf("the file is %q", now)
			}
			if _, err := b.Rollback(p.File); err != nil && text(t, p.File) != central {
				t.Errorf("once more: %v", err)
			}
			whole(t, b, p.File, m)
		})
	}
}

// whole is a migration there and back, after what happened before.
func whole(t *testing.T, b deploy.Backups, file string, m *deploy.Migration) {
	t.Helper()
	if _, err := b.Write(m, time.Now()); err != nil || text(t, file) != string(m.After) {
		t.Errorf("the next write: %v", err)
	}
	if _, err := b.Rollback(file); err != nil || text(t, file) != central {
		t.Errorf("the way back from it: %v", err)
	}
	if left, _ := filepath.Glob(filepath.Join(filepath.Dir(file), ".*")); len(left) > 0 {
		t.Errorf("%v is left", left)
	}
}

func text(t *testing.T, file string) string {
	t.Helper()
	b, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// refused is a write that must not happen, and say why.
func refused(t *testing.T, p *project.Project, words ...string) {
	t.Helper()
	dir := t.TempDir()
	_, err := deploy.In(dir).Write(planned(t, p, central, deploy.Options{Mode: "distributed"}), time.Now())
	for _, w := range words {
		if err == nil || !strings.Contains(err.Error(), w) {
			t.Errorf("%v says nothing of %q", err, w)
		}
	}
	if got := text(t, p.File); got != central {
		t.Errorf("the file is %q", got)
	}
	if notes, _ := filepath.Glob(filepath.Join(dir, "migrate", "*")); len(notes) > 0 {
		t.Errorf("a backup of nothing is left: %v", notes)
	}
}

func TestAFileThatIsLockedIsNotReplaced(t *testing.T) {
	p := loaded(t, central)
	if err := os.Chmod(p.File, 0o444); err != nil {
		t.Fatal(err)
	}
	refused(t, p, "may not be written", "chmod u+w "+p.File)
}

func TestADirectoryThatIsLockedIsNamed(t *testing.T) {
	if !nobody.Is(t) {
		return
	}
	p := loaded(t, central)
	dir := filepath.Dir(p.File)
	if err := os.Chmod(dir, 0o500); err != nil {
		t.Fatal(err)
	}
	defer func() { _ = os.Chmod(dir, 0o700) }()
	refused(t, p, "the directory "+dir+" may not be written to", "the file was left as it is")
}

// A name that leads to the file leads to it afterwards, too.
func TestAFileBehindALinkIsReplacedWhereItIs(t *testing.T) {
	p := loaded(t, central)
	link := filepath.Join(t.TempDir(), "main.ww")
	if err := os.Symlink(p.File, link); err != nil {
		t.Fatal(err)
	}
	m := planned(t, p, central, deploy.Options{Mode: "distributed"})
	m.File = link
	b := deploy.In(t.TempDir())
	if _, err := b.Write(m, time.Now()); err != nil {
		t.Fatal(err)
	}
	if to, err := os.Readlink(link); err != nil || to != p.File || text(t, p.File) != string(m.After) {
		t.Errorf("%v: the link leads to %s, the file is %q", err, to, text(t, p.File))
	}
	if _, err := b.Rollback(link); err != nil || text(t, p.File) != central {
		t.Errorf("the way back: %v", err)
	}
}

// A note that cannot be read stops the way back, and nothing else.
func TestANoteThatCannotBeReadIsNamed(t *testing.T) {
	p, dir := loaded(t, central), t.TempDir()
	b, m := deploy.In(dir), planned(t, p, central, deploy.Options{Mode: "distributed"})
	path, err := b.Write(m, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	note := strings.TrimSuffix(path, ".ww") + ".json"
	if err := os.WriteFile(note, []byte("{"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := b.Rollback(p.File); err == nil || !strings.Contains(err.Error(), note) {
		t.Errorf("%v", err)
	}
	if got := text(t, p.File); got != string(m.After) {
		t.Errorf("the file is %q", got)
	}
}

// Several who migrate at once: one does, the others are told that the file is another one now, and the file is whole.
func TestTwoAtOnceAreOneAfterTheOther(t *testing.T) {
	p, b := loaded(t, central), deploy.In(t.TempDir())
	one, other := planned(t, p, central, deploy.Options{Mode: "distributed"}), planned(t, p, central, deploy.Options{Mode: "distributed", Component: "a"})
	var all sync.WaitGroup
	errs := make(chan error, 16)
	for n := range cap(errs) {
		all.Go(func() {
			m := one
			if n%2 == 0 {
				m = other
			}
			_, err := b.Write(m, time.Now().Add(time.Duration(n)))
			errs <- err
		})
	}
	all.Wait()
	close(errs)
	wrote := 0
	for err := range errs {
		if err == nil {
			wrote++
		} else if !strings.Contains(err.Error(), "was changed while it was migrated") {
			t.Errorf("%v", err)
		}
	}
	if got := text(t, p.File); wrote != 1 || got != string(one.After) && got != string(other.After) {
		t.Errorf("%d wrote; the file is\n%s", wrote, got)
	}
	if _, err := b.Rollback(p.File); err != nil || text(t, p.File) != central {
		t.Errorf("the way back: %v", err)
	}
}
