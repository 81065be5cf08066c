package cli

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os/signal"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/spf13/cobra"

	"github.com/woodwork-lang/ww/internal/event"
	"github.com/woodwork-lang/ww/internal/fanout"
	"github.com/woodwork-lang/ww/localbus"
)

type eventsOptions struct {
	appOptions
	Pattern string
	JSON    bool
}

// everyEvent is the pattern of all events.
const everyEvent = ">"

func eventsCmd(world IO) *cobra.Command {
	o := eventsOptions{appOptions: appOptions{IO: world}}
	cmd := &cobra.Command{
		Use:   "events [PATTERN]",
		Short: "Print what happens in the components of a running app, as it happens",
		Long: "Print what happens in the components of a running app, as it happens, until it is interrupted or the app has\n" +
			"ended. In a pattern * is one word and > at the end is the rest: 'component.*', 'llm.>'.",
		GroupID: groupLook,
		Args:    atMostOne("pattern"),
		RunE: func(cmd *cobra.Command, args []string) error {
			o.Pattern = everyEvent
			if len(args) == 1 {
				o.Pattern = args[0]
			}
			return runEvents(cmd.Context(), o)
		},
	}
	appFlags(cmd, &o.File, &o.Instance)
	cmd.Flags().BoolVar(&o.JSON, "json", false, "print a JSON object a line")
	return cmd
}

func runEvents(ctx context.Context, o eventsOptions) error {
	if err := fanout.CheckPattern(o.Pattern); err != nil {
		return usage("%q is no pattern of events: %w", o.Pattern, err)
	}
	ctx, stop := signal.NotifyContext(ctx, syscall.SIGINT, syscall.SIGTERM)
	defer stop()
	context.AfterFunc(ctx, stop) // a second one ends us even when nobody takes what we print
	r, err := o.join(ctx)
	if err != nil {
		return err
	}
	defer r.close()
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	f := &feed{o: o, r: r, stop: cancel, heard: map[string]bool{}}
	err = f.follow(ctx)
	cancel()
	f.all.Wait()
	if f.broken != nil {
		return failed(f.broken)
	}
	return failedIf(err)
}

// feed is the events of all components of an app, as they come.
type feed struct {
	o    eventsOptions
	r    *running
	stop context.CancelFunc
	all  sync.WaitGroup

	mu    sync.Mutex
	heard map[string]bool // instances that are listened to; guarded by mu

	out    sync.Mutex
	broken error // of the writer; guarded by out
}

// follow listens to every component that is there or comes, until ctx ends or the app has ended.
func (f *feed) follow(ctx context.Context) error {
	watching, end := context.WithCancel(ctx)
	defer end()
	hints := localbus.Watch(watching, f.r.dir)
	t := time.NewTicker(time.Second) // a death changes nothing in the directory
	defer t.Stop()
	for {
		recs, err := f.r.components()
		if err != nil {
			return err
		}
		for _, rec := range recs {
			f.listen(ctx, rec)
		}
		if !f.r.alive() {
			fmt.Fprintf(f.o.Err, "ww: %s has ended\n", f.o.File)
			return nil
		}
		select {
		case <-hints:
		case <-t.C:
		case <-ctx.Done():
			return nil
		}
	}
}

// listen subscribes to an instance, once; when the connection is lost and it still lives, follow comes again.
func (f *feed) listen(ctx context.Context, rec localbus.Record) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.heard[rec.Instance] {
		return
	}
	f.heard[rec.Instance] = true
	f.all.Go(func() {
		_ = f.r.seat.SubscribeInstance(ctx, rec.Instance, f.o.Pattern, func(m event.Message) { f.show(rec, m) })
		f.mu.Lock()
		defer f.mu.Unlock()
		delete(f.heard, rec.Instance)
	})
}

// eventJSON is a line of `ww events --json`.
type eventJSON struct {
	Event     string          `json:"event"`
	Component string          `json:"component"`
	Instance  string          `json:"instance"`
	Turn      string          `json:"turn"`
	Session   string          `json:"session"`
	Dropped   int             `json:"dropped"`
	Data      json.RawMessage `json:"data"`
}

// show prints an event. When nobody reads any more, the feed ends.
func (f *feed) show(rec localbus.Record, m event.Message) {
	f.out.Lock()
	defer f.out.Unlock()
	if f.broken != nil {
		return
	}
	if f.o.JSON {
		f.broken = writeJSON(f.o.Out, eventJSON{
			Event: m.Type, Component: rec.Component, Instance: rec.Instance, Turn: m.Turn, Session: m.Session, Dropped: m.Dropped, Data: m.Body,
		})
	} else {
		if m.Dropped > 0 {
			fmt.Fprintf(f.o.Err, "ww: %s: %s dropped, because this reader is slow\n", rec.Component, counted(m.Dropped, "event"))
		}
		_, f.broken = io.WriteString(f.o.Out, eventText(rec.Component, &m))
	}
	if f.broken != nil {
		f.stop()
	}
}

// eventText is an event for people: time, component, name, payload.
func eventText(component string, m *event.Message) string {
	var p struct {
		Timestamp float64 `json:"timestamp"`
	}
	at := strings.Repeat(" ", len(time.TimeOnly))
	if json.Unmarshal(m.Body, &p) == nil && p.Timestamp > 0 {
		at = time.UnixMicro(int64(p.Timestamp * 1e6)).Local().Format(time.TimeOnly)
	}
	return fmt.Sprintf("%s %s %s %s\n", at, component, m.Type, printed(string(m.Body)))
}
