package trust

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"syscall"
)

// Store is the file of what the user agreed to. The zero value keeps nothing.
type Store struct{ path string }

// storeVersion is the version of the file.
const storeVersion = 2

type stored struct {
	V        int                 `json:"v"`
	Projects map[string][]agreed `json:"projects"`
}

// agreed is a command that the user agreed to. File is the .ww file that it stood in.
type agreed struct {
	File      string   `json:"file"`
	Component string   `json:"component"`
	Argv      []string `json:"argv"`
}

// NewStore returns the store in a directory.
func NewStore(dir string) Store { return Store{filepath.Join(dir, "trust.json")} }

// Asks returns the commands that the user has not agreed to for this project.
func (s Store) Asks(project string, commands []Command) ([]Command, error) {
	known, err := s.read()
	if err != nil {
		return nil, err
	}
	var asks []Command
	for _, c := range commands {
		if !slices.ContainsFunc(known.Projects[project], func(a agreed) bool { return slices.Equal(a.Argv, c.Argv) }) {
			asks = append(asks, c)
		}
	}
	return asks, nil
}

// Was is what the user had agreed to for a component of a file, and whether there was anything.
func (s Store) Was(project, file, component string) (Command, bool) {
	known, err := s.read()
	if err != nil {
		return Command{}, false
	}
	for _, a := range known.Projects[project] {
		if a.File == file && a.Component == component {
			return Command{Component: component, Argv: a.Argv}, true
		}
	}
	return Command{}, false
}

// Grant keeps that the user agreed to exactly these commands of this file of a project.
func (s Store) Grant(project, file string, commands []Command) error {
	if s.path == "" {
		return nil
	}
	known, err := s.read()
	if err != nil {
		return err
	}
	known.V = storeVersion
	list := slices.DeleteFunc(known.Projects[project], func(a agreed) bool { return a.File == file })
	for _, c := range commands {
		list = append(list, agreed{File: file, Component: c.Component, Argv: c.Argv})
	}
	known.Projects[project] = list
	b, err := json.MarshalIndent(known, "", "  ")
	if err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(s.path), 0o700); err != nil {
		return err
	}
	tmp := fmt.Sprintf("%s.%d", s.path, os.Getpid())
	if err := os.WriteFile(tmp, append(b, '\n'), 0o600); err != nil {
		return err
	}
	return os.Rename(tmp, s.path)
}

func (s Store) read() (stored, error) {
	none := stored{Projects: map[string][]agreed{}}
	if s.path == "" {
		return none, nil
	}
	b, err := os.ReadFile(s.path)
	if errors.Is(err, fs.ErrNotExist) {
		return none, nil
	}
	if err != nil {
		return none, err
	}
	if info, err := os.Stat(s.path); err != nil || !mine(info) {
		return none, foreign(s.path)
	}
	var known stored
	err = json.Unmarshal(b, &known)
	if known.V == 1 { // it named no components: everything is asked about once more
		return none, nil
	}
	if err != nil || known.V != storeVersion {
		return none, unreadable(s.path)
	}
	if known.Projects == nil {
		known.Projects = none.Projects
	}
	return known, nil
}

// mine reports whether nobody else can write a file.
func mine(info fs.FileInfo) bool {
	st, ok := info.Sys().(*syscall.Stat_t)
	return !ok || int(st.Uid) == os.Getuid() && info.Mode().Perm()&0o022 == 0
}
