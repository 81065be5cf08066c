// Package trust says which commands a project may start.
//
// What is trusted is a project directory together with the commands it starts: their programs and arguments, not the
// contents of the scripts. A project that starts nothing but ww itself needs no trust. What the user agreed to is kept
// outside of projects, because a project could bring its own answer along.
package trust

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/woodwork-lang/ww/internal/project"
)

// Command is one command that a component starts.
type Command struct {
	Component string
	Argv      []string
}

// String is the command as a shell would take it.
func (c Command) String() string {
	words := make([]string, len(c.Argv))
	for i, w := range c.Argv {
		words[i] = w
		if w == "" || strings.ContainsAny(w, " \t\n\"'\\$`*?[](){}<>|&;#~!") {
			words[i] = "'" + strings.ReplaceAll(w, "'", `'\''`) + "'"
		}
	}
	return strings.Join(words, " ")
}

// Commands is what a project starts besides ww itself.
func Commands(p *project.Project) []Command {
	var list []Command
	for _, c := range p.Components {
		argv, ok := c.Config["command"].([]any)
		if !ok || c.Kind != "custom" {
			continue
		}
		cmd := Command{Component: c.Name}
		for _, w := range argv {
			cmd.Argv = append(cmd.Argv, fmt.Sprint(w)) // a secret prints masked, here as anywhere
		}
		list = append(list, cmd)
	}
	return list
}

// Store is the file of what the user agreed to. The zero value keeps nothing.
type Store struct{ path string }

// storeVersion is the version of the file.
const storeVersion = 1

type stored struct {
	V        int                   `json:"v"`
	Projects map[string][][]string `json:"projects"`
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
		if !slices.ContainsFunc(known.Projects[project], func(argv []string) bool { return slices.Equal(argv, c.Argv) }) {
			asks = append(asks, c)
		}
	}
	return asks, nil
}

// Grant keeps that the user agreed to exactly these commands of this project.
func (s Store) Grant(project string, commands []Command) error {
	if s.path == "" {
		return nil
	}
	known, err := s.read()
	if err != nil {
		return err
	}
	known.V = storeVersion
	known.Projects[project] = nil
	for _, c := range commands {
		known.Projects[project] = append(known.Projects[project], c.Argv)
	}
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
	none := stored{Projects: map[string][][]string{}}
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
	var known stored
	if err := json.Unmarshal(b, &known); err != nil || known.V != storeVersion {
		return none, unreadable(s.path)
	}
	if known.Projects == nil {
		known.Projects = none.Projects
	}
	return known, nil
}
