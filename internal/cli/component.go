package cli

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/spf13/cobra"
	"golang.org/x/sys/unix"

	"github.com/woodwork-lang/ww/internal/component"
	"github.com/woodwork-lang/ww/internal/engine"
	"github.com/woodwork-lang/ww/internal/fault"
	"github.com/woodwork-lang/ww/internal/kinds"
	"github.com/woodwork-lang/ww/internal/session"
	"github.com/woodwork-lang/ww/supervisor"
)

type componentOptions struct {
	IO
	Name string
	File string
}

func componentCmd(world IO) *cobra.Command {
	o := componentOptions{IO: world}
	t := tryOptions{IO: world}
	cmd := &cobra.Command{
		Use:     "component test -- COMMAND…",
		GroupID: groupWrite,
		Short:   "Try a component of your own by the stdio protocol; sdk python|node prints what writes one",
		Long: `ww component test -- COMMAND…   starts the command as ww would, and says which promises of a component it breaks
                                (docs/reference/process.md); nothing else is needed, no .ww file and no app
ww component sdk python|node    prints one file that makes a component of a few functions: copy it beside yours
ww component NAME               is one component of an app: ww dev starts these`,
		Example: `  ww component test -- python3 weather.py
  ww component test --config '{"loud": true}' --text "what about tomorrow?" -- ./weather
  ww component sdk python > ww_component.py`,
		RunE: func(cmd *cobra.Command, args []string) error {
			dash := cmd.ArgsLenAtDash()
			switch {
			case len(args) > 0 && args[0] == "test" && dash == 1 && len(args) > 1:
				t.Command = args[1:]
				return tryComponent(cmd.Context(), t)
			case len(args) > 1 && args[0] == "test", len(args) == 1 && args[0] == "test" && dash >= 0:
				return usage("the command stands behind two dashes: ww component test -- ./mine")
			case len(args) == 2 && args[0] == "sdk":
				return printSDK(world, args[1])
			case len(args) != 1:
				return usage("ww component test -- COMMAND…, ww component sdk LANGUAGE, or the name of one component")
			}
			o.Name = args[0]
			return runComponent(cmd.Context(), o)
		},
	}
	cmd.ValidArgsFunction = componentWords
	cmd.Flags().StringVarP(&o.File, "file", "f", "", "read the component from this .ww file instead of descriptor 3")
	cmd.Flags().BoolVar(&t.JSON, "json", false, "test: print the checks as JSON")
	cmd.Flags().StringVar(&t.Config, "config", "", "test: what the .ww file would say in config, as JSON")
	cmd.Flags().StringArrayVar(&t.Env, "env", nil, "test: NAME=VALUE, or NAME to hand on a variable; a component gets no others")
	cmd.Flags().StringVar(&t.Text, "text", "hello", "test: what it is asked")
	cmd.Flags().DurationVar(&t.Patience, "timeout", 10*time.Second, "test: how long an answer may take")
	return cmd
}

// componentWords completes the words of ww component; behind the two dashes stands a command.
func componentWords(_ *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
	switch {
	case len(args) == 0:
		return []string{"test", "sdk"}, cobra.ShellCompDirectiveNoFileComp
	case len(args) == 1 && args[0] == "sdk":
		return []string{"python", "node"}, cobra.ShellCompDirectiveNoFileComp
	case args[0] == "test":
		return nil, cobra.ShellCompDirectiveDefault
	}
	return nil, cobra.ShellCompDirectiveNoFileComp
}

// runComponent is the life of one runner.
func runComponent(ctx context.Context, o componentOptions) error {
	nameProcess()
	rests := tuneHeap(ctx)
	spec, err := o.spec()
	if err != nil {
		return err
	}
	if spec.Durability != component.DurabilityDisk { // there it is the disk that is waited for
		oneMoreProcessor()
	}
	if tag, ok := o.Env(supervisor.TagEnv); ok {
		spec.App.Tag = tag // that of this start: what is left of it is found without touching the others
	}
	make, ok := kinds.Lookup(spec.Kind, spec.Type)
	if !ok {
		return &exitError{component.ExitConfig, fmt.Errorf("%s: this ww has no component %s %s", spec.Name, spec.Kind, spec.Type)}
	}
	kind, err := make(spec)
	if err != nil {
		return &exitError{component.ExitConfig, fmt.Errorf("%s: %w", spec.Name, err)}
	}
	log, err := openRunnerLog(o, spec)
	if err != nil {
		return failed(err)
	}
	defer log.close()
	faults := fault.New()
	if err := faults.Arm(spec.Faults); err != nil {
		return &exitError{component.ExitConfig, fmt.Errorf("%s: %w", spec.Name, err)}
	}
	deps := component.Deps{
		Spec: spec, Kind: kind, Join: seatMaker(ctx, spec, log, faults, rests), Log: log.log, Faults: faults,
		Stdout: log.out, Stderr: log.err, Stop: asked(),
	}
	deps.Takes, deps.Own = kinds.Takes(spec)
	if spec.Acceptor {
		deps.Routes = session.In(spec.App.StateDir).Route
	}
	if o.File == "" {
		deps.Orphaned = orphaned()
	}
	status, err := taped(spec, log, deps, func(deps component.Deps) int {
		return recorded(openRecorder(spec, log.log), deps, func(d component.Deps) int { return component.Run(ctx, d) })
	})
	if err != nil {
		return &exitError{component.ExitConfig, fmt.Errorf("%s: %w", spec.Name, err)}
	}
	if status == component.ExitOK && closed(deps.Stop) {
		return silent(engine.ExitTerminated) // so that the supervisor can tell it from an end of its own accord
	}
	return silent(status)
}

func closed(c <-chan struct{}) bool {
	select {
	case <-c:
		return true
	default:
		return false
	}
}

func (o componentOptions) spec() (component.Spec, error) {
	if o.File != "" {
		return handMade(o)
	}
	spec, err := inheritedSpec()
	switch {
	case err != nil:
		return spec, usage("ww component is started by ww dev, which hands it a configuration (%w); by hand: ww component %s -f main.ww", err, o.Name)
	case spec.V != component.SpecVersion:
		return spec, &exitError{component.ExitConfig, fmt.Errorf("%s: its configuration has version %d and this ww knows %d; restart ww dev", o.Name, spec.V, component.SpecVersion)}
	}
	return spec, nil
}

// inheritedSpec reads the configuration from the descriptor that the supervisor hands over. Neither descriptor is
// passed on to what this process starts.
func inheritedSpec() (component.Spec, error) {
	var spec component.Spec
	unix.CloseOnExec(supervisor.ConfigFD)
	unix.CloseOnExec(supervisor.LifelineFD)
	var st unix.Stat_t
	if err := unix.Fstat(supervisor.ConfigFD, &st); err != nil {
		return spec, errors.New("descriptor 3 is not open")
	}
	if st.Mode&unix.S_IFMT != unix.S_IFREG {
		return spec, errors.New("descriptor 3 is no file")
	}
	f := os.NewFile(supervisor.ConfigFD, "configuration")
	defer f.Close()
	b, err := io.ReadAll(f)
	if err != nil {
		return spec, err
	}
	if err := json.Unmarshal(b, &spec); err != nil {
		return spec, fmt.Errorf("descriptor 3 holds something else: %w", err)
	}
	return spec, nil
}

// orphaned is closed when the supervisor is gone: it holds the only write end of this pipe.
func orphaned() <-chan struct{} {
	gone := make(chan struct{})
	_ = unix.SetNonblock(supervisor.LifelineFD, true) // then waiting costs no thread; without it, one
	pipe := os.NewFile(supervisor.LifelineFD, "lifeline")
	go func() {
		defer close(gone)
		var b [1]byte
		for {
			if _, err := pipe.Read(b[:]); err != nil {
				return
			}
		}
	}()
	return gone
}

// asked is closed when the process is asked to end.
func asked() <-chan struct{} {
	signals, stop := make(chan os.Signal, 1), make(chan struct{})
	signal.Notify(signals, syscall.SIGTERM, syscall.SIGINT)
	go func() {
		<-signals
		close(stop)
	}()
	return stop
}

// nameProcess makes ps and top show "ww" where they would show "exe", the last part of /proc/self/exe. Systems without
// that file show the right name anyway.
func nameProcess() { _ = os.WriteFile("/proc/self/comm", []byte("ww"), 0) }
