package cli

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/woodwork-lang/ww/internal/app"
	"github.com/woodwork-lang/ww/internal/deploy"
	"github.com/woodwork-lang/ww/internal/diag"
	"github.com/woodwork-lang/ww/internal/project"
)

type migrateOptions struct {
	IO
	File      string
	Mode      string
	Component string
	EnvFile   string
	To        string
	Turns     string
	Write     bool
	Verify    bool
	Rollback  bool
	Status    bool
	Fix       bool
	Trust     bool
	Seed      seed
	Offline   bool
	Measure   bool
	JSON      bool
}

func migrateCmd(world IO) *cobra.Command {
	o := migrateOptions{IO: world}
	cmd := &cobra.Command{
		Use:   "migrate --mode distributed|centralized [FILE]",
		Short: "Move an app, or one component, between modes: report, diff, write, verify, roll back",
		Long: `Says which components move and what that changes, and prints the edit of the .ww file: the smallest one, comments and
style kept. Nothing is written without --write, which keeps a backup; --rollback gives the file back byte for byte.
--verify runs turns in both modes and compares answers, chains, order and times: the recorded turns of the app
and those of its test files (ww test), or those of --turns, a line each. Exit status: 0 well, 1 a difference or a refusal, 2 bad source or flags.`,
		GroupID: groupWrite,
		Args:    atMostOne("file"),
		RunE: func(cmd *cobra.Command, args []string) error {
			o.File = app.DefaultFile
			if len(args) == 1 {
				o.File = args[0]
			}
			return onStage(cmd.Context(), func(ctx context.Context) error { return runMigrate(ctx, o) })
		},
	}
	f := cmd.Flags()
	f.StringVar(&o.Mode, "mode", "", "distributed or centralized")
	f.StringVar(&o.Component, "component", "", "move only this one")
	f.BoolVar(&o.Write, "write", false, "change the file, after keeping a backup")
	f.BoolVar(&o.Verify, "verify", false, "run turns in both modes and compare them")
	f.BoolVar(&o.Rollback, "rollback", false, "give the file back what it was before the last migration")
	f.BoolVar(&o.Status, "status", false, "only say how far the app is")
	f.BoolVar(&o.Fix, "fix", false, "bring old spellings up to date in the same diff")
	f.BoolVar(&o.Measure, "measure", true, "measure what a hop costs in each mode on this machine")
	f.StringVar(&o.Turns, "turns", "", "with --verify: a file of turns, a line each: text, or {\"session\", \"text\"}")
	f.BoolVar(&o.Offline, "offline", false, "with --verify: models are played, not asked")
	f.BoolVar(&o.Trust, "trust", false, "with --verify: the commands of the app may be started")
	seedFlag(cmd, &o.Seed, "with --verify: ")
	f.StringVar(&o.To, "to", "", "nats, redis, docker or kubernetes: not in this version")
	f.BoolVar(&o.JSON, "json", false, "print it as JSON")
	envFileFlag(cmd, &o.EnvFile)
	return cmd
}

// migration is the JSON of ww migrate.
type migration struct {
	File      string        `json:"file"`
	Mode      string        `json:"mode"`
	Changes   bool          `json:"changes"`
	Moves     []deploy.Move `json:"moves"`
	Ways      []wayBetween  `json:"ways"`
	Hints     []deploy.Hint `json:"hints"`
	HopUS     *hopCost      `json:"hop_us,omitempty"`
	Diff      string        `json:"diff"`
	Written   bool          `json:"written"`
	Backup    string        `json:"backup,omitempty"`
	Running   *takenOver    `json:"running,omitempty"` // the app ran when the file was changed
	Verified  *verification `json:"verified,omitempty"`
	RolledOut string        `json:"rolled_back,omitempty"` // the mode that was taken back
}

// migrationStatus is the JSON of ww migrate --status.
type migrationStatus struct {
	File        string   `json:"file"`
	Distributed int      `json:"distributed"`
	Components  int      `json:"components"`
	Centralized []string `json:"centralized"`
}

func runMigrate(ctx context.Context, o migrateOptions) error {
	if err := o.sane(); err != nil {
		return err
	}
	real, err := realFile(o.File)
	if err != nil {
		return o.unread(err)
	}
	if o.Rollback {
		return o.rollback(ctx, real)
	}
	src, err := os.ReadFile(real)
	if err != nil {
		return o.unread(err)
	}
	p, problems := o.load(real, src)
	if o.Fix && problems.HasErrors() { // they may come from what is brought up to date
		if fixed, left := o.load(real, deploy.Modernize(real, src)); !left.HasErrors() {
			p, problems = fixed, left
		}
	}
	if problems.HasErrors() {
		return showProblems(o.IO, p.Sources, onlyErrors(problems))
	}
	if o.Status {
		return o.status(p)
	}
	m, err := deploy.Plan(p, src, deploy.Options{Mode: o.Mode, Component: o.Component, Hints: o.Fix})
	if err != nil {
		return &exitError{exitUsage, err}
	}
	return o.carryOut(ctx, p, m)
}

// sane refuses what cannot be meant.
func (o migrateOptions) sane() error {
	switch {
	case o.To != "":
		return usage("--to %s is not in this version: an app runs on one machine, on its local bus; the file keeps what it says about others", o.To)
	case o.Rollback && (o.Write || o.Verify || o.Mode != "" || o.Component != ""):
		return usage("--rollback stands alone")
	case o.Rollback || o.Status:
		return nil
	case o.Mode == "":
		return usage("say where to: ww migrate --mode distributed, or --mode centralized")
	case o.Mode != project.Distributed && o.Mode != project.Centralized:
		return usage("--mode is distributed or centralized, not %q%s", o.Mode, meant(o.Mode, []string{project.Distributed, project.Centralized}, ""))
	case o.Turns != "" && !o.Verify:
		return usage("--turns is for --verify; give both")
	case o.Seed.n != nil && !o.Verify:
		return usage("--seed is for --verify; give both")
	}
	return nil
}

// load loads a text. That its models cannot be asked from here, because a key is not set, is no error for who only wants to
// know, or to write.
func (o migrateOptions) load(file string, src []byte) (*project.Project, diag.List) {
	p, problems := o.source(file, src).Load()
	if problems.HasErrors() && !o.Verify {
		s := o.source(file, src)
		s.Offline = true
		if q, left := s.Load(); !left.HasErrors() {
			for i, c := range q.Components { // they are what the file says
				if was, ok := p.Component(c.Name); ok {
					q.Components[i].Kind, q.Components[i].Type = was.Kind, was.Type
				}
			}
			return q, left
		}
	}
	return p, problems
}

// unread says why there is nothing to migrate, as the other verbs do.
func (o migrateOptions) unread(err error) error {
	if p, problems := (project.Source{File: o.File, EnvFile: o.EnvFile, Env: o.Env}).Check(); problems.HasErrors() {
		return showProblems(o.IO, p.Sources, onlyErrors(problems))
	}
	return &exitError{exitUsage, err}
}

func realFile(file string) (string, error) {
	abs, err := filepath.Abs(file)
	if err != nil {
		return "", err
	}
	return filepath.EvalSymlinks(abs)
}

func (o migrateOptions) source(file string, text []byte) project.Source {
	return project.Source{File: file, Text: append([]byte{}, text...), EnvFile: o.EnvFile, Offline: o.Offline, Env: o.Env}
}

func (o migrateOptions) status(p *project.Project) error {
	moved, all, central := deploy.Status(p)
	if o.JSON {
		if central == nil {
			central = []string{}
		}
		return failedIf(writeJSON(o.Out, migrationStatus{o.File, moved, all, central}))
	}
	fmt.Fprintf(o.Out, "%s: %d of %s distributed\n", o.File, moved, counted(all, "component"))
	for _, name := range central {
		if c, ok := p.Component(name); ok && c.Implied {
			fmt.Fprintf(o.Out, "  %s is centralized, and not in the file; it goes with the rest: ww migrate --mode distributed%s\n", name, o.named())
			continue
		}
		fmt.Fprintf(o.Out, "  %s is centralized: ww migrate --mode distributed --component %s%s\n", name, name, o.named())
	}
	return nil
}

// named is the file as an argument, when it has to be named.
func (o migrateOptions) named() string {
	if o.File == app.DefaultFile {
		return ""
	}
	return " " + o.File
}

func (o migrateOptions) rollback(ctx context.Context, file string) error {
	a, err := app.Identify(file, "", o.Env)
	if err != nil {
		return &exitError{exitUsage, err}
	}
	mode, err := deploy.In(a.State).Rollback(file)
	if err != nil {
		return failed(err)
	}
	taken := o.taken(ctx)
	if o.JSON {
		err := writeJSON(o.Out, rolledBack(o.File, mode, taken))
		return errors.Join(failedIf(err), taken.refused(true))
	}
	fmt.Fprintf(o.Err, "%s is what it was before it became %s\n", o.File, mode)
	o.tell(taken)
	return taken.refused(false)
}

// rolledBack is the JSON of a way back.
func rolledBack(file, mode string, taken *takenOver) migration {
	return migration{File: file, Moves: []deploy.Move{}, Ways: []wayBetween{}, Hints: []deploy.Hint{}, RolledOut: mode, Running: taken}
}

// carryOut reports, verifies and writes, as far as each is wanted. What was not verified is not written.
func (o migrateOptions) carryOut(ctx context.Context, p *project.Project, m *deploy.Migration) error {
	out := migration{File: o.File, Mode: o.Mode, Changes: m.Changes(), Moves: m.Moves, Hints: m.Hints, Diff: m.Diff(o.File)}
	out.Ways = o.ways(p, m)
	if out.Hints == nil {
		out.Hints = []deploy.Hint{}
	}
	if o.Measure && m.Changes() {
		cost, err := measureHops(ctx)
		if err != nil {
			fmt.Fprintln(o.Err, "ww: what a hop costs could not be measured:", err)
		}
		out.HopUS = cost
	}
	if !o.JSON {
		o.report(p, out)
	}
	var differs error
	if o.Verify {
		v, err := o.verify(ctx, p, m)
		if err != nil {
			return err
		}
		out.Verified = v
		if !v.Same {
			differs = silent(exitFailed)
		}
	}
	if o.Write && differs == nil && m.Changes() {
		if err := o.write(m, &out); err != nil {
			return err
		}
		out.Running = o.taken(ctx)
		differs = out.Running.refused(o.JSON)
	}
	if o.JSON {
		return errors.Join(failedIf(writeJSON(o.Out, out)), differs)
	}
	o.conclude(m, out)
	return differs
}

func (o migrateOptions) write(m *deploy.Migration, out *migration) error {
	if err := deploy.Writable(m.File); err != nil {
		return failed(err)
	}
	a, err := app.Identify(m.File, "", o.Env)
	if err != nil {
		return failed(err)
	}
	if a, err = a.Open(o.Env); err != nil {
		return failed(err)
	}
	out.Backup, err = deploy.In(a.State).Write(m, time.Now())
	if err != nil {
		return failed(err)
	}
	out.Written = true
	return nil
}

func describe(names []string) string { return strings.Join(names, " → ") }
