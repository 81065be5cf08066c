package doctor

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/woodwork-lang/ww/internal/port"
	"github.com/woodwork-lang/ww/localbus"
	"github.com/woodwork-lang/ww/supervisor"
)

// settled is how old a process must be to be taken for a left one: what runs down or is being started has that time.
const settled = 20 * time.Second

// killPatience is how long what is left may take to die.
const killPatience = 5 * time.Second

// leftovers are processes and sockets of earlier runs, of any app of this user.
func leftovers(ctx context.Context, o Options) []Check {
	all := strays(ctx, o.Fix, func(m supervisor.Marked) bool { return m.Age() >= settled })
	all = append(all, sweepDirs(o.Fix)...)
	if len(all) == 0 {
		all = []Check{{Area: "left", Name: "earlier runs", Verdict: OK, Text: "nothing is left of them"}}
	}
	return all
}

// strays are processes that carry the mark of a run of which nobody is left that looks after them: neither runner nor
// guard. As long as there is one, it ends them in time.
func strays(ctx context.Context, fix bool, which func(supervisor.Marked) bool) []Check {
	marked, err := supervisor.AllMarked()
	if err != nil {
		return []Check{{Area: "left", Name: "processes", Verdict: Bad, Text: err.Error()}}
	}
	keepers := map[string]bool{}
	commands := map[int]string{}
	for _, m := range marked {
		commands[m.PID] = port.Command(m.PID)
		if keeper(commands[m.PID]) {
			keepers[m.Run] = true
		}
	}
	var all []Check
	for _, m := range marked {
		if keepers[m.Run] || !which(m) {
			continue
		}
		c := Check{
			Area: "left", Name: "process", Verdict: Bad, Text: fmt.Sprintf("pid %d: %s", m.PID, commands[m.PID]),
			Fix: fmt.Sprintf("ww doctor --fix, or kill %d", m.PID),
		}
		if fix {
			c.Fixed = killed(ctx, m)
		}
		all = append(all, c)
	}
	return all
}

// keeper reports whether a command is a process of ww, which ends what it is responsible for.
func keeper(command string) bool {
	return strings.HasPrefix(command, "ww component ") || strings.HasPrefix(command, "ww guard")
}

// killed kills one process and waits until it is dead.
func killed(ctx context.Context, m supervisor.Marked) bool {
	ctx, cancel := context.WithTimeout(ctx, killPatience)
	defer cancel()
	_ = m.Kill() // gone meanwhile is as good; what cannot be killed is found below
	for {
		if start, err := supervisor.PidStart(m.PID); err != nil || start != m.Start {
			return true
		}
		select {
		case <-ctx.Done():
			return false
		case <-time.After(10 * time.Millisecond):
		}
	}
}

// sweepDirs finds the sockets and records of instances that are dead, in the run directories of all apps.
func sweepDirs(fix bool) []Check {
	dirs, _ := filepath.Glob(filepath.Join(localbus.RunBase(), "*")) // the pattern is well formed
	var all []Check
	for _, dir := range dirs {
		if info, err := os.Lstat(dir); err != nil || !info.IsDir() {
			continue
		}
		dead := deadIn(dir)
		if dead == 0 {
			continue
		}
		c := Check{
			Area: "left", Name: "sockets", Verdict: Warn, Text: fmt.Sprintf("%s of dead instances in %s", count(dead, "record"), dir),
			Fix: "ww doctor --fix; the next ww dev does it too",
		}
		if fix {
			err := localbus.Sweep(dir, nil)
			c.Fixed = err == nil && deadIn(dir) == 0
			if err != nil {
				c.Text += ": " + err.Error()
			}
		}
		all = append(all, c)
	}
	return all
}

func deadIn(dir string) (dead int) {
	recs, err := localbus.Records(dir)
	if err != nil {
		return 0 // not a run directory
	}
	for _, r := range recs {
		if !r.Alive {
			dead++
		}
	}
	return dead
}
