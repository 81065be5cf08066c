// Package doctor looks at what an app needs of its machine and at what earlier runs have left, and cleans that up.
//
// It changes nothing unless it is told to, and it needs no running app. Every answer is a [Check]: a value.
package doctor

import (
	"context"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"time"

	"github.com/woodwork-lang/ww/internal/app"
	"github.com/woodwork-lang/ww/internal/diag"
	"github.com/woodwork-lang/ww/supervisor"
)

// Verdict says what a check means for the person.
type Verdict string

// The verdicts.
const (
	OK   Verdict = "ok"
	Info Verdict = "info" // not there, and not needed
	Warn Verdict = "warn" // it works, but not as well as it could, or there is something to clean
	Bad  Verdict = "bad"  // it does not work
)

// Check is one answer.
type Check struct {
	Area    string  `json:"area"` // system, limits, files, project, state, left
	Name    string  `json:"name"`
	Verdict Verdict `json:"verdict"`
	Text    string  `json:"text"`
	Fix     string  `json:"fix"`   // what to do; empty: nothing
	Fixed   bool    `json:"fixed"` // it was bad, and is not any more
}

// Options say what to look at.
type Options struct {
	App      app.App // zero: no app, only the machine
	Problems diag.List
	Version  string
	Path     func(file string) (string, error) // nil: exec.LookPath
	Fix      bool
}

// Run makes every check. With Fix it cleans up what earlier runs left.
func Run(ctx context.Context, o Options) []Check {
	if o.Path == nil {
		o.Path = exec.LookPath
	}
	all := system(o)
	all = append(all, limits()...)
	all = append(all, files(o.App)...)
	if o.App.ID != "" {
		all = append(all, source(o)...)
		all = append(all, state(o.App)...)
	}
	return append(all, leftovers(ctx, o)...)
}

// Well reports whether nothing is bad.
func Well(all []Check) bool {
	for _, c := range all {
		if c.Verdict == Bad && !c.Fixed {
			return false
		}
	}
	return true
}

func system(o Options) []Check {
	all := []Check{{Area: "system", Name: "version", Verdict: OK, Text: "ww " + o.Version + ", " + runtime.Version() + ", " + runtime.GOOS + "/" + runtime.GOARCH + kernel()}}
	for _, a := range supervisor.Accelerators() {
		c := Check{Area: "system", Name: a.Name, Verdict: OK, Text: "active: " + a.What}
		if !a.Works {
			c.Verdict, c.Text = Info, "not here: "+a.What
		}
		all = append(all, c)
	}
	all = append(all, reaper())
	return append(all, python(o))
}

// python looks for the interpreter as components would: the project's own first.
func python(o Options) Check {
	c := Check{Area: "system", Name: "python", Verdict: OK}
	candidates := []string{"python3"}
	if o.App.Dir != "" {
		candidates = []string{filepath.Join(o.App.Dir, ".venv", "bin", "python3"), "python3"}
	}
	for _, name := range candidates {
		path, err := o.Path(name)
		if err != nil {
			continue
		}
		ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
		out, err := exec.CommandContext(ctx, path, "--version").CombinedOutput()
		cancel()
		if err == nil {
			c.Text = strings.TrimSpace(string(out)) + " at " + path
			return c
		}
	}
	c.Verdict, c.Text, c.Fix = Info, "not found; only components in Python need it", "install Python 3, or make .venv in the project"
	return c
}

// source is what is wrong in the .ww file.
func source(o Options) []Check {
	c := Check{Area: "project", Name: "source", Verdict: OK, Text: o.App.File + " has no problems"}
	errs, warnings := 0, 0
	for _, d := range o.Problems {
		if d.Severity == diag.Error {
			errs++
		} else {
			warnings++
		}
	}
	switch {
	case errs > 0:
		c.Verdict = Bad
	case warnings > 0:
		c.Verdict = Warn
	default:
		return []Check{c}
	}
	c.Text, c.Fix = o.App.File+" has "+count(errs, "error")+" and "+count(warnings, "warning"), "ww check "+o.App.File
	return []Check{c}
}
