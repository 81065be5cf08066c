// Package trust says which commands a project may start.
//
// What is trusted is a project directory together with the commands it starts: their programs and arguments, not the
// contents of the scripts. A project that starts nothing but ww itself needs no trust. What the user agreed to is kept
// outside of projects, because a project could bring its own answer along.
package trust

import (
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/woodwork-lang/ww/internal/launch"
	"github.com/woodwork-lang/ww/internal/project"
	"github.com/woodwork-lang/ww/internal/schema"
	"github.com/woodwork-lang/ww/internal/script"
)

// Command is one command that a component starts.
type Command struct {
	Component string
	Argv      []string
	Outside   []string // those of its files that lie outside of the project, by their real paths
}

// String is the command as a shell would take it.
func (c Command) String() string {
	words := make([]string, len(c.Argv))
	for i, w := range c.Argv {
		words[i] = w
		if w == "" || strings.ContainsFunc(w, odd) {
			words[i] = "'" + strings.ReplaceAll(visible(w), "'", `'\''`) + "'"
		}
	}
	return strings.Join(words, " ")
}

// odd reports what a shell would not take for itself.
func odd(r rune) bool {
	return r == ' ' || strange(r) || strings.ContainsRune("\"'\\$`*?[](){}<>|&;#~!", r)
}

// strange reports what a terminal would not show as itself: it could make the question look like another one.
func strange(r rune) bool {
	return unicode.IsControl(r) || r == utf8.RuneError || r >= 0x200b && r <= 0x200f || r >= 0x2028 && r <= 0x202e || r >= 0x2066 && r <= 0x2069
}

func visible(w string) string {
	var b strings.Builder
	for _, r := range w {
		if strange(r) {
			q := strconv.QuoteRuneToASCII(r)
			b.WriteString(q[1 : len(q)-1])
			continue
		}
		b.WriteRune(r)
	}
	return b.String()
}

// Commands is what a project starts besides ww itself: the commands that it names, and an interpreter for each of its
// Python files.
func Commands(p *project.Project) []Command {
	var list []Command
	for _, c := range p.Components {
		list = append(list, ofWorkspace(c)...)
		for _, argv := range schema.VoicePrograms(c.Kind, c.Type, c.Config) {
			list = append(list, Command{Component: c.Name, Argv: argv})
		}
		if argv := started(p, c); len(argv) > 0 {
			list = append(list, Command{Component: c.Name, Argv: argv})
		}
	}
	owners := p.Owners()
	for _, file := range slices.Sorted(maps.Keys(owners)) {
		list = append(list, Command{Component: owners[file], Argv: []string{script.Interpreter(p.Dir), file}})
	}
	for i := range list {
		list[i].Outside = outside(p.Dir, list[i].Argv)
	}
	return list
}

// ofWorkspace is what is started where agents run commands: whatever they write, and the lines of its setup.
func ofWorkspace(c project.Component) []Command {
	if c.Kind != "environment" && (c.Kind != "core" || c.Type != "command_line") {
		return nil
	}
	list := []Command{{Component: c.Name, Argv: []string{"sh", "-c", "(whatever its agents write)"}}}
	for _, key := range []string{"setup_scripts", "startup_scripts"} {
		lines, _ := c.Config[key].([]any)
		for _, line := range lines {
			list = append(list, Command{Component: c.Name, Argv: []string{"sh", "-c", fmt.Sprint(line)}})
		}
	}
	return list
}

// started is the command of a component. A secret prints masked, here as anywhere.
func started(p *project.Project, c project.Component) (argv []string) {
	switch c.Kind {
	case "mcp":
		return launch.Of(c.Config, script.Interpreter(p.Dir)).Asked()
	case "custom":
		words, _ := c.Config["command"].([]any)
		for _, w := range words {
			argv = append(argv, fmt.Sprint(w))
		}
	}
	return argv
}

// outside are the arguments that are files of somewhere else, links followed. Programs that are found by PATH are not
// meant: the user has put them there.
func outside(dir string, argv []string) []string {
	var all []string
	for i, w := range argv {
		path := w
		if !filepath.IsAbs(path) {
			path = filepath.Join(dir, path)
		}
		real, err := filepath.EvalSymlinks(path)
		if err != nil {
			real = path
			if !filepath.IsAbs(w) && filepath.IsLocal(w) || !strings.Contains(w, "/") || strings.HasPrefix(w, "-") {
				continue // no file, or one that is still to come, in the project
			}
		}
		in, err := filepath.Rel(dir, real)
		interpreter := i == 0 && filepath.IsAbs(w) // it says itself where it is
		if (err != nil || !filepath.IsLocal(in)) && !interpreter {
			all = append(all, real)
		}
	}
	return all
}
