package cli

import (
	"maps"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/woodwork-lang/ww/internal/component"
	"github.com/woodwork-lang/ww/internal/engine"
	"github.com/woodwork-lang/ww/internal/project"
)

// debugged is the Python file that is to be debugged, and the terminal of this process. From here on the terminal is the
// debugger's: turns come from elsewhere.
func (o *devOptions) debugged(p *project.Project) (*component.Debug, error) {
	if o.Debug == "" {
		return nil, nil //nolint:nilnil // nothing is debugged
	}
	owners := p.Owners()
	file := project.PythonFile(o.Debug)
	switch {
	case owners[file] == "" && len(owners) == 0:
		return nil, usage("--debug %s: %s names no Python files", o.Debug, o.File)
	case owners[file] == "":
		return nil, usage("--debug %s: %s does not name this file; it names %s", o.Debug, o.File, strings.Join(slices.Sorted(maps.Keys(owners)), ", "))
	case o.Detach:
		return nil, usage("--debug needs this terminal, and -d gives it up; say one of them")
	}
	terminal := terminalOf(o.In)
	if terminal == "" {
		return nil, usage("--debug needs a terminal as standard input: that is where the debugger asks")
	}
	null, err := os.Open(os.DevNull)
	if err != nil {
		return nil, failed(err)
	}
	o.In = null // lives as long as the process
	return &component.Debug{File: file, Terminal: terminal}, nil
}

// terminalOf is the device behind a stream; empty when it is none, or nobody knows.
func terminalOf(in any) string {
	f, ok := in.(*os.File)
	if !ok || !isTerminal(f) {
		return ""
	}
	path, err := os.Readlink("/dev/fd/" + strconv.FormatUint(uint64(f.Fd()), 10))
	if err != nil {
		return ""
	}
	return path
}

// withoutDeadlines gives a person time.
func withoutDeadlines(t engine.Timing) engine.Timing {
	const aDay = 24 * time.Hour
	t.TurnTimeout = aDay
	return t
}
