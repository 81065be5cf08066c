package cli

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/woodwork-lang/ww/internal/app"
	"github.com/woodwork-lang/ww/internal/project"
	"github.com/woodwork-lang/ww/internal/rehearsal"
	"github.com/woodwork-lang/ww/internal/session"
)

// testFile is a file of tests with its text and its app.
type testFile struct {
	*rehearsal.File
	text []byte
	app  *project.Project
	src  []byte
}

// files reads everything before anything is started: every problem is told first.
func (o testOptions) files() ([]testFile, error) {
	names, err := o.names()
	if err != nil {
		return nil, err
	}
	var all []testFile
	for _, name := range names {
		text, err := os.ReadFile(name)
		if errors.Is(err, os.ErrNotExist) && o.Record {
			text, err = o.fromSession(name)
		}
		if err != nil {
			return nil, &exitError{exitUsage, err}
		}
		f, err := rehearsal.Parse(name, text)
		if err != nil {
			return nil, &exitError{exitUsage, err}
		}
		t := testFile{File: f, text: text}
		if err := o.load(&t); err != nil {
			return nil, err
		}
		all = append(all, t)
	}
	return all, nil
}

// names are the files that are meant: those that are named, and those in a directory that is.
func (o testOptions) names() (names []string, err error) {
	places := o.Files
	if len(places) == 0 {
		places = []string{"."}
	}
	for _, place := range places {
		if info, err := os.Stat(place); err != nil || !info.IsDir() {
			names = append(names, place)
			continue
		}
		entries, err := os.ReadDir(place)
		if err != nil {
			return nil, &exitError{exitUsage, err}
		}
		before := len(names)
		for _, e := range entries {
			if strings.HasSuffix(e.Name(), rehearsal.Suffix) && !e.IsDir() {
				names = append(names, filepath.Join(place, e.Name()))
			}
		}
		where := "here"
		if place != "." {
			where = "in " + place
		}
		if len(names) == before {
			return nil, usage("there is no *%s %s; ww test --record NAME%s makes one of the session that was used last", rehearsal.Suffix, where, rehearsal.Suffix)
		}
	}
	return names, nil
}

// load reads the app of a file.
func (o testOptions) load(t *testFile) error {
	real, err := realFile(t.App)
	if err != nil {
		return &exitError{exitUsage, fmt.Errorf("%s: %w", t.Name, err)}
	}
	if t.src, err = os.ReadFile(real); err != nil {
		return &exitError{exitUsage, err}
	}
	p, problems := o.source(*t, real, t.src).Load()
	if problems.HasErrors() {
		return showProblems(o.IO, p.Sources, onlyErrors(problems))
	}
	t.app = p
	return devOptions{IO: o.IO, File: t.App, Trust: o.Trust, Stage: true}.trusted(p)
}

func (o testOptions) source(t testFile, file string, text []byte) project.Source {
	return project.Source{File: file, Text: slices.Clone(text), EnvFile: o.EnvFile, Offline: o.Offline || t.Offline, Env: o.Env}
}

// fromSession is the text of a new file.
func (o testOptions) fromSession(name string) ([]byte, error) {
	main := filepath.Join(filepath.Dir(name), app.DefaultFile)
	a, err := app.Identify(main, "", o.Env)
	if err != nil {
		return nil, err
	}
	dir, id := session.In(a.State), o.Session
	if id == "" {
		list, err := dir.List()
		if err != nil {
			return nil, err
		}
		i := slices.IndexFunc(list, func(s session.Info) bool { return s.Turns > 0 })
		if i < 0 {
			return nil, fmt.Errorf("%s is not there, and no session of %s was recorded to make it of: talk to the app first", name, main)
		}
		id = list[i].ID
	}
	s, err := dir.Show(id)
	if err != nil {
		return nil, err
	}
	var asks []string
	for _, t := range s.List {
		asks = append(asks, t.Text)
	}
	return rehearsal.New(app.DefaultFile, asks), nil
}
