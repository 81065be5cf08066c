package cli

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/woodwork-lang/ww/internal/rehearsal"
)

func (o testOptions) report(out tested) error {
	if o.JSON {
		return writeJSON(o.Out, out)
	}
	held, all, notAsked := 0, 0, 0
	for _, r := range out.Files {
		fmt.Fprintf(o.Out, "%s (%s)\n", printed(r.File), r.Mode)
		if r.Error != "" {
			fmt.Fprintf(o.Out, "✗ %s\n", r.Error)
		}
		notAsked += len(r.NotAsked)
		for _, t := range r.Turns {
			all++
			mark := "✗"
			if t.OK {
				mark = "✓"
				held++
			}
			fmt.Fprintf(o.Out, "%s turn %d %s  %s\n", mark, t.Turn, quote(printed(t.Ask)), took(time.Duration(t.TookMS*float64(time.Millisecond))))
			for _, f := range t.Failures {
				want, got := rehearsal.Compared(f.Want, f.Got)
				fmt.Fprintf(o.Out, "    %s:%d: %s\n    want  %s\n    got   %s\n", printed(r.File), f.Line, f.Expected, printed(want), printed(got))
			}
		}
	}
	fmt.Fprintf(o.Err, "%d of %s held\n", held, counted(all+notAsked, "turn"))
	if notAsked > 0 {
		fmt.Fprintf(o.Err, "%s not asked\n", verbs2(notAsked, "turn was", "turns were"))
	}
	return nil
}

// junit is the report for build servers, on its way: it is tried before anything runs whether it can be written, and what
// was there before stays until all of the new one is.
type junit struct {
	path string
	file *os.File
}

// openJUnit is nil when no report is wanted.
func openJUnit(path string) (*junit, error) {
	if path == "" {
		return nil, nil //nolint:nilnil // there is none, and nothing is wrong
	}
	info, err := os.Stat(path)
	switch {
	case err == nil && info.IsDir():
		return nil, fmt.Errorf("--junit %s: it is a directory; name a file in it", path)
	case err == nil && !info.Mode().IsRegular(): // a terminal, a pipe
		f, err := os.OpenFile(path, os.O_WRONLY, 0)
		return &junit{file: f}, err
	}
	f, err := os.CreateTemp(filepath.Dir(path), ".junit-*.xml")
	if err != nil {
		return nil, fmt.Errorf("--junit %s cannot be written: %w", path, err)
	}
	return &junit{path, f}, nil
}

func (j *junit) write(all []rehearsal.Ran) error {
	if j == nil {
		return nil
	}
	err := rehearsal.JUnit(j.file, all)
	if j.path != "" {
		err = errors.Join(err, j.file.Chmod(0o644)) // for whoever reads reports
	}
	if err = errors.Join(err, j.file.Close()); err == nil && j.path != "" {
		err = os.Rename(j.file.Name(), j.path)
	}
	return err
}

// discard takes away what was not written to its end.
func (j *junit) discard() {
	if j == nil || j.path == "" {
		return
	}
	_ = j.file.Close()
	_ = os.Remove(j.file.Name()) // it is there only when nothing was written
}
