package cli

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/woodwork-lang/ww/internal/app"
	"github.com/woodwork-lang/ww/internal/engine"
	"github.com/woodwork-lang/ww/internal/project"
)

type devOptions struct {
	IO
	File       string
	EnvFile    string
	Instance   string
	UI         string // tui, stream, json; empty: what fits
	Offline    bool
	Script     string
	Detach     bool
	Resume     bool
	Trust      bool
	Stage      bool // another verb starts it, for a few turns
	JSON       bool
	Background bool // we are the detached supervisor
	Timing     string
	Debug      string // a Python file that is debugged at this terminal
}

func devCmd(world IO) *cobra.Command {
	o := devOptions{IO: world}
	cmd := &cobra.Command{
		Use:     "dev [FILE]",
		Short:   "Run an app, every component as a process of its own, and talk to it",
		GroupID: groupRun,
		Args:    atMostOne("file"),
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) > 0 {
				o.File = args[0]
			}
			return runDev(cmd.Context(), o)
		},
	}
	f := cmd.Flags()
	appFlags(cmd, &o.File, &o.Instance)
	envFileFlag(cmd, &o.EnvFile)
	f.StringVar(&o.UI, "ui", "", "tui, stream or json (default: tui on a terminal, else stream)")
	f.BoolVar(&o.Offline, "offline", false, "play every model by a script or a stand-in; needs no key and no network")
	f.StringVar(&o.Script, "script", "", "with --offline: the file that the models play (default: offline.script beside the .ww file, if it is there)")
	f.BoolVarP(&o.Detach, "detach", "d", false, "run in the background and return when it is ready")
	f.BoolVar(&o.Resume, "resume", false, "go on with every unfinished turn, however old; else those older than 10 minutes are set aside")
	f.BoolVar(&o.Trust, "trust", false, "start the commands that the file names without asking")
	f.BoolVar(&o.JSON, "json", false, "with -d: print where it runs as JSON")
	f.BoolVar(&o.Background, "background", false, "be the supervisor that --detach starts")
	f.StringVar(&o.Debug, "debug", "", "run this Python file of the app under pdb at this terminal, without deadlines; talk to the app with ww chat from another one")
	f.StringVar(&o.Timing, "timing", "", "durations of the run, for tests")
	hide(cmd, "background", "timing")
	return cmd
}

// appFlags are how every command names its app.
func appFlags(cmd *cobra.Command, file, instance *string) {
	cmd.Flags().StringVarP(file, "file", "f", app.DefaultFile, "the .ww file of the app")
	cmd.Flags().StringVar(instance, "instance", app.DefaultInstance, "which one, when the same file runs several times")
}

func hide(cmd *cobra.Command, names ...string) {
	for _, n := range names {
		_ = cmd.Flags().MarkHidden(n) // fails only for a flag that does not exist
	}
}

func runDev(ctx context.Context, o devOptions) error {
	if o.Debug != "" {
		o.UI = "stream" // the screen and the debugger cannot share a terminal
	}
	if err := o.chooseUI(); err != nil {
		return err
	}
	src, err := o.source()
	if err != nil {
		return err
	}
	o.Script = src.Script // another directory's process may read it
	p, problems := src.Load()
	if err := showProblems(o.IO, p.Sources, problems); err != nil {
		return err
	}
	if len(p.Components) == 0 { // the warnings have said it; a file without components is no mistake
		return nil
	}
	a, err := app.Identify(o.File, o.Instance, o.Env)
	if err != nil {
		return failed(err)
	}
	if owner, held, err := a.Busy(); err == nil && held {
		err := &app.HeldError{App: a, Owner: owner}
		startReport(o).failed(err) // in the background: another start was faster
		return failed(err)
	}
	if err := o.trusted(p); err != nil {
		return err
	}
	timing, err := o.timing()
	if err != nil {
		return usage("%w", err)
	}
	if !o.Background {
		o.sayPlayed(p)
	}
	debug, err := o.debugged(p)
	if err != nil {
		return err
	}
	if debug != nil {
		timing = withoutDeadlines(timing)
	}
	if o.Detach && !o.Background {
		return runDetached(ctx, o, a, p)
	}
	return o.run(ctx, engine.Options{
		Project: p, App: a, Env: o.Env, Environ: o.Environ, Detached: o.Background, Resume: o.Resume, Watched: o.UI == "tui",
		Trusted: o.trustedLater, Timing: timing, Version: thisVersion().Version, Debug: debug, Log: slog.New(slog.DiscardHandler),
		Say: func(line string) { fmt.Fprintln(o.Err, "ww: "+line) },
	})
}

// source is what is to be run.
func (o devOptions) source() (project.Source, error) {
	src := project.Source{File: o.File, EnvFile: o.EnvFile, Offline: o.Offline, Env: o.Env}
	if o.Script == "" {
		return src, nil
	}
	if !o.Offline {
		return src, usage("--script says what models do with --offline; give both")
	}
	path, err := filepath.Abs(o.Script)
	if err != nil {
		return src, failed(err)
	}
	if info, err := os.Stat(path); err != nil || !info.Mode().IsRegular() {
		return src, usage("--script %s: there is no such file", o.Script)
	}
	src.Script = path
	return src, nil
}

// sayPlayed says which models are none.
func (o devOptions) sayPlayed(p *project.Project) {
	if len(p.Played) > 0 {
		fmt.Fprintf(o.Err, "ww: offline: no model is asked; %s played by %s\n", isPlayed(p.Played), player(p))
	}
}

func isPlayed(names []string) string {
	if len(names) == 1 {
		return names[0] + " is"
	}
	return strings.Join(names, ", ") + " are"
}

func player(p *project.Project) string {
	c, _ := p.Component(p.Played[0])
	if script := c.Text("script"); script != "" {
		return script
	}
	return "a stand-in, which makes the tool calls you write: call NAME.FUNCTION {json}"
}

// timing is that of --timing, else of WW_TIMING.
func (o devOptions) timing() (engine.Timing, error) {
	env, _ := o.Env("WW_TIMING")
	return engine.ParseTiming(cmp.Or(o.Timing, env))
}

// chooseUI: a screen needs a terminal at both ends.
func (o *devOptions) chooseUI() error {
	if o.UI == "" {
		term, _ := o.Env("TERM")
		ci, _ := o.Env("CI")
		o.UI = "stream"
		if isTerminal(o.In) && isTerminal(o.Out) && term != "dumb" && ci == "" {
			o.UI = "tui"
		}
	}
	if o.Background {
		o.UI = "stream"
	}
	if uis := []string{"tui", "stream", "json"}; !slices.Contains(uis, o.UI) {
		return usage("--ui is tui, stream or json, not %q%s", o.UI, meant(o.UI, uis, ""))
	}
	if o.UI == "tui" && !o.Detach && (!isTerminal(o.In) || !isTerminal(o.Out)) {
		return usage("--ui=tui needs a terminal as standard input and output; use --ui=stream")
	}
	return nil
}

// run is the foreground: engine, face, end.
func (o devOptions) run(ctx context.Context, eo engine.Options) error {
	if o.Background {
		nameProcess()
	}
	begun := startReport(o)
	watch := listen(o)
	defer watch.close()
	opening, opened := watch.opening(ctx)
	e, err := engine.Open(opening, eo)
	given := opened()
	if err != nil {
		begun.failed(err)
		if given {
			return silent(exitInterrupted)
		}
		return failed(err)
	}
	book := openDiary(o, eo, e.Logs())
	defer book.close()
	book.keep(e)
	watch.say = book.both(o, watch.say)
	serving, stop := context.WithCancel(ctx)
	defer stop()
	if given {
		stop()
	}
	living, end := context.WithCancel(ctx)
	defer end()
	go watch.pass(serving, living, e, stop) // ends with living

	ended := make(chan runEnd, 1)
	go func() {
		sum, err := e.Run(serving)
		end()
		ended <- runEnd{sum, err}
	}()
	f := face(o, e, begun)
	printer := newStopPrinter(book.and(o), e)
	go printer.run(living, serving)
	status := f.run(serving, living)
	if errors.Is(living.Err(), context.Canceled) && status == exitOK {
		status = watch.status()
	}
	stop()
	r := <-ended
	f.wait()
	printer.summary(r.sum, o)
	if r.err != nil {
		return failed(r.err)
	}
	if status == exitOK {
		status = watch.status()
	}
	return silentUnlessOK(status)
}

type runEnd struct {
	sum engine.Summary
	err error
}

func silentUnlessOK(status int) error {
	if status == exitOK {
		return nil
	}
	return silent(status)
}

// aFace shows a run to a person.
type aFace interface {
	// run ends when the person has no more to say or the app stops. serving ends when the app begins to stop, living
	// when it has stopped.
	run(serving, living context.Context) (status int)
	// wait returns when everything up to the end of living has been shown.
	wait()
}

func face(o devOptions, e *engine.Engine, begun *report) aFace {
	switch {
	case o.UI == "tui":
		return &screen{o: o, e: e}
	case o.UI == "json":
		return &stream{o: o, e: e, begun: begun, json: true}
	}
	return &stream{o: o, e: e, begun: begun}
}
