package cli

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os/signal"
	"slices"
	"strings"
	"syscall"

	"github.com/spf13/cobra"

	"github.com/woodwork-lang/ww/internal/app"
	"github.com/woodwork-lang/ww/internal/kinds/knowledgebase"
	"github.com/woodwork-lang/ww/internal/knowledge"
	"github.com/woodwork-lang/ww/internal/project"
)

type embedOptions struct {
	appOptions
	EnvFile string
	Names   []string
	Offline bool
	Yes     bool
	DryRun  bool
	Clear   bool
	JSON    bool
}

func embedCmd(world IO) *cobra.Command {
	o := embedOptions{appOptions: appOptions{IO: world}}
	cmd := &cobra.Command{
		Use:   "embed [NAME...]",
		Short: "Read documents into the knowledge bases of a file",
		Long: "Read documents into the knowledge bases of a file: what is new, what has changed, and nothing twice. Text,\n" +
			"Markdown, code and PDF; what .gitignore names is left out. Before a service is paid for it, it says how much there\n" +
			"is and roughly what it costs, and asks. An app that runs finds the new passages at once.\n" +
			"Exit status: 0 done, 1 failed, 2 nobody has agreed to the cost, or there is no such knowledge base.",
		GroupID: groupRun,
		RunE: func(cmd *cobra.Command, args []string) error {
			o.Names = args
			return runEmbed(cmd.Context(), o)
		},
	}
	appFlags(cmd, &o.File, &o.Instance)
	envFileFlag(cmd, &o.EnvFile)
	f := cmd.Flags()
	f.BoolVar(&o.Offline, "offline", false, "for ww dev --offline: words are compared on this machine, no service is asked")
	f.BoolVarP(&o.Yes, "yes", "y", false, "pay for it without a question")
	f.BoolVar(&o.DryRun, "dry-run", false, "say what would be done, and do nothing")
	f.BoolVar(&o.Clear, "clear", false, "take everything out again")
	f.BoolVar(&o.JSON, "json", false, "print what was done as JSON")
	return cmd
}

// embedded is the JSON of ww embed: one of a list.
type embedded struct {
	Name      string     `json:"name"`
	New       []string   `json:"new"`
	Changed   []string   `json:"changed"`
	Unchanged int        `json:"unchanged"`
	Gone      []string   `json:"gone"`
	LeftOut   []leftFile `json:"left_out"`
	Passages  int        `json:"passages"`
	Tokens    int        `json:"tokens"`
	Model     string     `json:"model"`
	Cost      *float64   `json:"cost"` // US dollars; null when nobody knows
	Cleared   int        `json:"cleared"`
	Done      bool       `json:"done"`
}

type leftFile struct {
	File string `json:"file"`
	Why  string `json:"why"`
}

func runEmbed(ctx context.Context, o embedOptions) error {
	ctx, stop := signal.NotifyContext(ctx, syscall.SIGINT, syscall.SIGTERM, syscall.SIGHUP)
	defer stop()
	src := project.Source{File: o.File, EnvFile: o.EnvFile, Offline: o.Offline, Env: o.Env}
	p, problems := src.Check()
	if err := showProblems(o.IO, p.Sources, problems); err != nil {
		return err
	}
	bases, err := o.bases(p)
	if err != nil {
		return err
	}
	a, err := app.Identify(o.File, o.Instance, o.Env)
	if err != nil {
		return &exitError{exitUsage, err}
	}
	if !o.DryRun {
		if a, err = a.Open(o.Env); err != nil {
			return failed(err)
		}
	}
	all := make([]embedded, 0, len(bases))
	for _, c := range bases {
		one, err := o.base(ctx, c, knowledgebase.Place{Dir: p.Dir, State: a.State})
		if err != nil {
			if ctx.Err() != nil {
				fmt.Fprintln(o.Err, "ww: interrupted; what is done stays done")
				return silent(exitInterrupted)
			}
			var status *exitError
			if errors.As(err, &status) {
				return err
			}
			return failed(fmt.Errorf("%s: %w", c.Name, err))
		}
		all = append(all, one)
	}
	if o.JSON {
		return failedIf(writeJSON(o.Out, all))
	}
	return nil
}

// bases are the knowledge bases that documents are read into.
func (o embedOptions) bases(p *project.Project) ([]project.Component, error) {
	var found []project.Component
	var names []string
	for _, c := range p.Components {
		if c.Kind != "knowledge_base" || c.Type != "chroma" && c.Type != "neo4j" {
			continue
		}
		names = append(names, c.Name)
		if len(o.Names) == 0 && c.Config["file_to_embed"] != nil || slices.Contains(o.Names, c.Name) {
			found = append(found, c)
		}
	}
	for _, want := range o.Names {
		if !slices.Contains(names, want) {
			return nil, usage("there is no knowledge_base chroma or neo4j %q%s in %s", want, meant(want, names, ""), o.File)
		}
	}
	if len(found) == 0 && len(names) > 0 {
		return nil, usage("none of the knowledge bases of %s says what to read in: set file_to_embed of %s", o.File, strings.Join(names, ", "))
	}
	if len(found) == 0 {
		return nil, usage("%s has no knowledge_base chroma or neo4j that documents could be read into", o.File)
	}
	return found, nil
}

func (o embedOptions) base(ctx context.Context, c project.Component, at knowledgebase.Place) (embedded, error) {
	config, err := lowered(c)
	if err != nil {
		return embedded{}, err
	}
	b, old, err := open(c, config, at)
	if err != nil {
		return embedded{}, err
	}
	defer b.Close() //nolint:errcheck // it was written and synced
	if old != "" {
		fmt.Fprintf(o.Err, "ww: %s: %s was written by the Python engine and cannot be read; its documents are read in again\n", c.Name, old)
	}
	if o.Clear {
		return o.clear(ctx, c.Name, b)
	}
	plan, err := b.Plan(ctx)
	if err != nil {
		return embedded{}, err
	}
	one := planned(c.Name, plan, b.Embedder.Model())
	o.sayPlan(c.Name, b, plan)
	if o.DryRun || len(plan.Todo())+len(plan.Gone) == 0 {
		one.Done = !o.DryRun
		return one, nil
	}
	if err := o.agreed(plan); err != nil {
		return one, err
	}
	bar := newBar(o.Err, c.Name)
	err = b.Embed(ctx, plan, bar.show)
	bar.end()
	if err != nil {
		return one, err
	}
	one.Done = true
	if !o.JSON {
		fmt.Fprintf(o.Err, "%s: %s from %s\n", c.Name, counted(plan.Passages, "passage"), counted(len(plan.Todo()), "document"))
	}
	return one, nil
}

// open opens what documents are read into.
func open(c project.Component, config map[string]any, at knowledgebase.Place) (b *knowledge.Base, old string, err error) {
	if c.Type == "neo4j" {
		b, err = knowledgebase.OpenGraph(c.Name, config, at)
		return b, "", err
	}
	return knowledgebase.Open(c.Name, config, at)
}

// lowered is the properties of a component as its process gets them.
func lowered(c project.Component) (map[string]any, error) {
	b, err := json.Marshal(c.Config)
	if err != nil {
		return nil, err
	}
	var config map[string]any
	return config, json.Unmarshal(b, &config)
}

func (o embedOptions) clear(ctx context.Context, name string, b *knowledge.Base) (embedded, error) {
	if o.DryRun {
		files, err := b.Store.Files(ctx)
		fmt.Fprintf(o.Err, "%s: %s would be taken out\n", name, counted(len(files), "document"))
		return embedded{Name: name, Model: b.Embedder.Model()}, err
	}
	n, err := b.Clear(ctx)
	if err == nil && !o.JSON {
		fmt.Fprintf(o.Err, "%s: %s taken out\n", name, counted(n, "document"))
	}
	return embedded{Name: name, Cleared: n, Model: b.Embedder.Model(), Done: err == nil}, err
}

func planned(name string, p *knowledge.Plan, model string) embedded {
	one := embedded{
		Name: name, New: append([]string{}, p.New...), Changed: append([]string{}, p.Changed...), Unchanged: len(p.Same),
		Gone: append([]string{}, p.Gone...), LeftOut: []leftFile{}, Passages: p.Passages, Tokens: p.Tokens, Model: model,
	}
	for _, l := range p.Left {
		one.LeftOut = append(one.LeftOut, leftFile{l.Path, l.Why})
	}
	if p.Priced {
		one.Cost = &p.Dollars
	}
	return one
}

// sayPlan tells a person what there is to do, and what it costs.
func (o embedOptions) sayPlan(name string, b *knowledge.Base, p *knowledge.Plan) {
	if o.JSON {
		return
	}
	for _, l := range p.Left {
		fmt.Fprintf(o.Err, "%s: %s is left out: %s\n", name, l.Path, l.Why)
	}
	if len(p.Todo())+len(p.Gone) == 0 {
		fmt.Fprintf(o.Err, "%s: nothing to do, %s unchanged\n", name, counted(len(p.Same), "document"))
		return
	}
	fmt.Fprintf(o.Err, "%s: %d new, %d changed, %d gone, %d unchanged; %s, about %s for %s%s\n", name, len(p.New), len(p.Changed),
		len(p.Gone), len(p.Same), counted(p.Passages, "passage"), counted(p.Tokens, "token"), b.Embedder.Model(), price(p))
}

func price(p *knowledge.Plan) string {
	switch {
	case !p.Priced:
		return ": nobody knows what it costs"
	case p.Dollars == 0:
		return ", free of charge"
	case p.Dollars < 0.01:
		return ": less than a cent"
	}
	return fmt.Sprintf(": about $%.2f", p.Dollars)
}

// agreed asks before a service is paid.
func (o embedOptions) agreed(p *knowledge.Plan) error {
	if o.Yes || p.Passages == 0 || p.Priced && p.Dollars == 0 {
		return nil
	}
	if !isTerminal(o.In) || !isTerminal(o.Err) {
		return usage("nothing was read in, because nobody has agreed to the cost; if you do: ww embed --yes")
	}
	fmt.Fprint(o.Err, "Read them in? [y/N] ")
	answer, _ := bufio.NewReader(o.In).ReadString('\n') // no answer is a no
	switch strings.ToLower(strings.TrimSpace(answer)) {
	case "y", "yes":
		return nil
	}
	return usage("nothing was read in")
}
