package cli

import (
	"context"
	"fmt"
	"io"
	"os"
	"sync"
	"time"

	"github.com/woodwork-lang/ww/internal/engine"
	"github.com/woodwork-lang/ww/internal/logbuf"
	"github.com/woodwork-lang/ww/internal/secret"
	"github.com/woodwork-lang/ww/internal/state"
)

// diaryName is under which name ww's own lines are in the logs.
const diaryName = "ww"

// diary is the log of the run itself, beside those of the components: who died, came back, was replaced, and why. A
// person reads it with ww logs, whatever face the run had. It is written by nobody but the supervisor.
type diary struct {
	file *logbuf.Log
	out  io.Writer // nowhere, when the file cannot be opened
	kept sync.WaitGroup
}

// openDiary opens the log in the directory of the app. A run without one is better than none: why is said on o.Err.
func openDiary(o devOptions, eo engine.Options, dir string) *diary {
	options := logbuf.Options{
		Component: diaryName, Instance: fmt.Sprintf("%s-%d", diaryName, os.Getpid()),
		Mask:   secret.New(eo.Project.Secrets(eo.Environ)).Bytes,
		OnLoss: func(err error) { fmt.Fprintln(o.Err, "ww: "+err.Error()) },
	}
	if o.Background {
		options.Rotated = follow // our standard error is the file
	}
	l, err := logbuf.Open(dir, options)
	if err != nil {
		fmt.Fprintf(o.Err, "ww: the lines of this run will not be in ww logs: %v\n", err)
		return &diary{out: io.Discard}
	}
	return &diary{file: l, out: l.Stream(logbuf.StreamWW)}
}

// keep writes down what happens until the run is over.
func (d *diary) keep(e *engine.Engine) {
	snap, events := e.Subscribe(context.Background()) // ends with the engine
	log := newUntimed(d.out)
	log.widths(snap)
	log.line("ww", fmt.Sprintf("%s: %s, local bus, %s", snap.App, counted(len(snap.Components), "component"), snap.Mode))
	if snap.ModeNote != "" {
		log.line("ww", snap.ModeNote)
	}
	if snap.Ready { // it was faster
		log.line("ww", "ready in "+took(snap.ReadyAt.Sub(snap.StartedAt)))
	}
	d.kept.Go(func() {
		known := knownOf(snap)
		for batch := range events {
			for _, e := range batch {
				log.event(e, known, snap.StartedAt)
			}
		}
	})
}

// and is where the end of a run is told: here, and to the person if there is one.
func (d *diary) and(o devOptions) io.Writer {
	if o.Background {
		return d.out
	}
	return io.MultiWriter(d.out, o.Err)
}

// both has what is said to the person noted here, too.
func (d *diary) both(o devOptions, say func(string)) func(string) {
	log := newUntimed(d.out)
	return func(text string) {
		log.line("ww", text)
		if !o.Background {
			say(text)
		}
	}
}

// close waits for the last of it.
func (d *diary) close() {
	d.kept.Wait()
	if d.file != nil {
		_ = d.file.Close() // what could not be written was said when it happened
	}
}

// knownOf is how the components of a picture were shown last.
func knownOf(s state.State) map[string]state.Component {
	known := map[string]state.Component{}
	for _, c := range s.Components {
		known[placeOf(c)] = c
	}
	return known
}

// newUntimed writes lines where something else adds the time.
func newUntimed(w io.Writer) *prefixed {
	return &prefixed{w: w, wide: 6, now: time.Now, untimed: true}
}
