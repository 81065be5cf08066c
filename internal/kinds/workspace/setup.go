package workspace

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"
	"time"
)

// marker is the file that says that a workspace was set up.
const marker = ".woodwork_setup_complete"

// setupLimit is how long a line of the setup may take.
const setupLimit = 15 * time.Minute

// prepare sets the workspace up before its first use: its repository, its scripts. What fails is tried again the next time.
// The caller holds setting.
func (w *workspace) prepare(j *job) error {
	if w.ready {
		return nil
	}
	if err := os.MkdirAll(filepath.Join(w.home, tmpDir), 0o700); err != nil {
		return err
	}
	if w.offline {
		if w.repo != "" || len(w.setup)+len(w.startup) > 0 {
			w.log.Info("offline: the repository is not cloned and no setup script is run")
		}
		w.ready = true
		return nil
	}
	if err := w.clone(j); err != nil {
		return err
	}
	if err := w.setUp(j); err != nil {
		return err
	}
	for _, line := range w.startup {
		if err := w.script(j, line); err != nil {
			return err
		}
	}
	w.ready = true
	return nil
}

// clone fetches the repository once.
func (w *workspace) clone(j *job) error {
	if w.repo == "" {
		return nil
	}
	if _, err := os.Stat(filepath.Join(w.home, ".git")); err == nil {
		return nil
	}
	url := w.repo
	if !strings.Contains(url, "://") && !strings.HasPrefix(url, "git@") && !filepath.IsAbs(url) {
		url = "https://github.com/" + url
	}
	const into = ".tmp/clone"
	if err := os.RemoveAll(filepath.Join(w.home, into)); err != nil {
		return err
	}
	said, exit, err := j.exec([]string{"git", "clone", "--", url, into}, setupLimit)
	if err == nil && (exit.Code != 0 || exit.Signal != 0) {
		err = fmt.Errorf("%s: %s", exit, strings.TrimSpace(said))
	}
	if err != nil {
		return errSetup("git clone "+url, err)
	}
	entries, err := os.ReadDir(filepath.Join(w.home, into))
	if err != nil {
		return err
	}
	for _, e := range entries {
		if err := os.Rename(filepath.Join(w.home, into, e.Name()), filepath.Join(w.home, e.Name())); err != nil {
			return errSetup("git clone "+url, err)
		}
	}
	return os.Remove(filepath.Join(w.home, into))
}

// setUp runs the scripts that run once.
func (w *workspace) setUp(j *job) error {
	done := filepath.Join(w.home, marker)
	if len(w.setup) > 0 && strings.HasPrefix(w.setup[0], "rm -f "+path.Join(w.inside, marker)) {
		if err := os.Remove(done); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	if _, err := os.Stat(done); err == nil {
		return nil
	}
	for _, line := range w.setup {
		if err := w.script(j, line); err != nil {
			return err
		}
	}
	return os.WriteFile(done, nil, 0o644)
}

// script runs a line of the setup. A file of the project with the script's name is put into the workspace before.
func (w *workspace) script(j *job, line string) error {
	for word := range strings.FieldsSeq(line) {
		name := path.Base(strings.Trim(word, `"'`))
		if path.Ext(name) == "" {
			continue
		}
		text, err := os.ReadFile(filepath.Join(w.spec.App.Dir, name))
		if err != nil {
			continue // it is none of the project's
		}
		if err := os.WriteFile(filepath.Join(w.home, name), text, 0o755); err != nil {
			return errSetup(line, err)
		}
	}
	shell := line
	if w.docker == nil {
		shell = w.meant(line)
	}
	if !path.IsAbs(line) && filepath.IsLocal(line) && !strings.ContainsAny(line, " ;|&") && path.Ext(line) != "" {
		shell = "./" + line // a file of the workspace
	}
	said, exit, err := (&job{w: w, ctx: j.ctx}).exec([]string{"sh", "-c", shell}, setupLimit)
	if err == nil && (exit.Code != 0 || exit.Signal != 0) {
		err = fmt.Errorf("%s: %s", exit, strings.TrimSpace(said))
	}
	if err != nil {
		return errSetup(line, err)
	}
	w.log.Info("setup", "script", line)
	return nil
}

// again runs the setup once more.
func (j *job) again() (string, error) {
	j.w.setting.Lock()
	defer j.w.setting.Unlock()
	if err := os.Remove(filepath.Join(j.w.home, marker)); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return "", err
	}
	j.w.ready = false
	if err := j.w.prepare(j); err != nil {
		return "", err
	}
	return "the setup scripts were run again", nil
}
