package doctor

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/woodwork-lang/ww/internal/app"
	"github.com/woodwork-lang/ww/internal/delivery"
	"github.com/woodwork-lang/ww/internal/delivery/verify"
	"github.com/woodwork-lang/ww/internal/engine"
	"github.com/woodwork-lang/ww/internal/journal"
)

// state is who runs the app, and whether its journals keep what they promise.
func state(a app.App) []Check {
	running := Check{Area: "state", Name: "supervisor", Verdict: OK, Text: "the app does not run"}
	owner, held, err := a.Owner()
	switch {
	case err != nil:
		running.Verdict, running.Text = Bad, err.Error()
	case held:
		running.Text = fmt.Sprintf("ww dev runs the app, pid %d", owner.PID)
	}
	return append([]Check{running}, journals(a, held)...)
}

// journals judges the journals of the app offline. While it runs only what is damaged is told: what one journal says of
// another is true only when nobody writes.
func journals(a app.App, running bool) []Check {
	logs, damaged, err := read(a.State)
	c := Check{Area: "state", Name: "journals", Verdict: OK}
	if err != nil {
		c.Verdict, c.Text = Bad, err.Error()
		return []Check{c}
	}
	if len(logs) == 0 {
		c.Text = "there are none yet"
		return []Check{c}
	}
	var all []Check
	for _, d := range damaged {
		all = append(all, Check{Area: "state", Name: "journals", Verdict: Warn, Text: d, Fix: "nothing: it is skipped, the records around it count; a disk that does this again is dying"})
	}
	r := verify.Check(logs)
	c.Text = fmt.Sprintf("%s accepted, %s, %d unfinished, %s set aside", count(r.Accepted, "turn"), ended(r), r.Pending, count(r.Dead, "message"))
	if running {
		c.Text += " (not judged while the app runs)"
		return append(all, c)
	}
	all = append(all, c)
	for _, v := range r.Violations {
		all = append(all, Check{Area: "state", Name: "journals", Verdict: Bad, Text: "a promise was broken: " + v, Fix: "keep " + a.State + " and report it"})
	}
	return all
}

func ended(r verify.Report) string {
	n := 0
	for _, k := range r.Ended {
		n += k
	}
	return fmt.Sprintf("%d ended", n)
}

// read reads every journal, and says which of them are damaged.
func read(state string) ([]verify.Log, []string, error) {
	components, err := os.ReadDir(filepath.Join(state, engine.JournalsDir))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil, nil
	}
	if err != nil {
		return nil, nil, err
	}
	var logs []verify.Log
	var damaged []string
	for _, c := range components {
		log := verify.Log{Component: c.Name()}
		for n := range delivery.Partitions {
			dir := filepath.Join(state, engine.JournalsDir, c.Name(), fmt.Sprintf("%02d", n))
			rep, err := journal.Scan(dir, func(rec journal.Record) error {
				if r, err := delivery.Decode(rec.Kind, rec.Payload); err == nil {
					log.Records = append(log.Records, r)
				}
				return nil
			})
			if err != nil && !errors.Is(err, fs.ErrNotExist) {
				return nil, nil, err
			}
			for _, bad := range rep.Bad {
				damaged = append(damaged, fmt.Sprintf("%s, partition %d: %s", c.Name(), n, strings.TrimSpace(bad.String())))
			}
		}
		logs = append(logs, log)
	}
	return logs, damaged, nil
}
