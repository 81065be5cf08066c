package cli

import (
	"bufio"
	"context"
	"fmt"
	"slices"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"github.com/woodwork-lang/ww/internal/app"
	"github.com/woodwork-lang/ww/internal/delivery"
	"github.com/woodwork-lang/ww/internal/delivery/verify"
	"github.com/woodwork-lang/ww/internal/engine"
)

type cleanOptions struct {
	appOptions
	What  []string
	Yes   bool
	Force bool
	JSON  bool
}

// parts are what ww clean can be asked to remove.
func parts() []string {
	return []string{app.Journals, app.Sessions, app.LogFiles, app.Aside, app.Rest}
}

func cleanCmd(world IO) *cobra.Command {
	o := cleanOptions{appOptions: appOptions{IO: world}}
	cmd := &cobra.Command{
		Use:   "clean [PART...]",
		Short: "Show what an app keeps on disk, and remove it",
		Long: "Show what an app keeps below .ww, and remove it after a question: everything, or some parts. The parts are\n" +
			"journals (messages on their way, dead letters), sessions (what was said), logs, aside (states that came with a\n" +
			"project and were not used) and rest (what the next run makes again). Never while the app runs. Turns that are not\n" +
			"finished, and dead letters, go with --force only.",
		GroupID: groupRun,
		RunE: func(cmd *cobra.Command, args []string) error {
			o.What = args
			return runClean(cmd.Context(), o)
		},
	}
	appFlags(cmd, &o.File, &o.Instance)
	cmd.Flags().BoolVarP(&o.Yes, "yes", "y", false, "remove it without a question")
	cmd.Flags().BoolVar(&o.Force, "force", false, "also turns that are not finished, and dead letters")
	cmd.Flags().BoolVar(&o.JSON, "json", false, "print what there is as JSON; removes only with --yes")
	return cmd
}

// kept is a line of ww clean, and its JSON.
type kept struct {
	What       string `json:"what"`
	Files      int    `json:"files"`
	Bytes      int64  `json:"bytes"`
	Unfinished int    `json:"unfinished"` // turns; in the journals
	Letters    int    `json:"letters"`    // dead ones
	Removed    bool   `json:"removed"`
}

func runClean(_ context.Context, o cleanOptions) error {
	for _, what := range o.What {
		if !slices.Contains(parts(), what) {
			return usage("ww clean knows no part %q%s; there are %s", what, meant(what, parts(), ""), strings.Join(parts(), ", "))
		}
	}
	a, err := app.Identify(o.File, o.Instance, o.Env)
	if err != nil {
		return &exitError{exitUsage, err}
	}
	holdings, lines, err := o.keeps(a)
	if err != nil {
		return failed(err)
	}
	if err := o.discard(a, holdings, lines); err != nil {
		return err
	}
	if o.JSON {
		return failedIf(writeJSON(o.Out, lines))
	}
	return nil
}

// keeps is what there is, with what in it is not finished.
func (o cleanOptions) keeps(a app.App) ([]app.Holding, []kept, error) {
	holdings, err := a.Holdings()
	if err != nil {
		return nil, nil, err
	}
	holdings = slices.DeleteFunc(holdings, func(h app.Holding) bool {
		return len(h.Paths) == 0 || len(o.What) > 0 && !slices.Contains(o.What, h.What)
	})
	lines := []kept{}
	for _, h := range holdings {
		k := kept{What: h.What, Files: h.Files, Bytes: h.Bytes}
		if h.What == app.Journals {
			if k.Unfinished, k.Letters, err = unfinished(a.State); err != nil {
				return nil, nil, err
			}
		}
		lines = append(lines, k)
	}
	return holdings, lines, nil
}

// unfinished counts the turns that have no end and the messages that were set aside.
func unfinished(state string) (turns, letters int, err error) {
	byName := map[string]*verify.Log{}
	var names []string
	err = engine.ReadJournals(state, func(component string, r *delivery.Record) error {
		if byName[component] == nil {
			byName[component] = &verify.Log{Component: component}
			names = append(names, component)
		}
		byName[component].Records = append(byName[component].Records, *r)
		if _, ok := delivery.LetterOf(component, r); ok {
			letters++
		}
		if _, ok := delivery.LetterDropped(r); ok {
			letters--
		}
		return nil
	})
	logs := make([]verify.Log, 0, len(names))
	for _, name := range names {
		logs = append(logs, *byName[name])
	}
	return verify.Check(logs).Pending, max(0, letters), err
}

// discard shows, asks and removes.
func (o cleanOptions) discard(a app.App, holdings []app.Holding, lines []kept) error {
	if len(lines) == 0 {
		fmt.Fprintln(o.Err, "there is nothing to remove")
		return nil
	}
	if !o.JSON {
		if err := o.show(lines); err != nil {
			return failed(err)
		}
	} else if !o.Yes {
		return nil
	}
	if err := o.refuse(lines); err != nil {
		return err
	}
	if !o.Yes {
		if !isTerminal(o.In) || !isTerminal(o.Err) {
			fmt.Fprintln(o.Err, "nothing was removed; to remove it: ww clean --yes")
			return nil
		}
		fmt.Fprint(o.Err, "Remove it? [y/N] ")
		answer, _ := bufio.NewReader(o.In).ReadString('\n') // no answer is a no
		if s := strings.ToLower(strings.TrimSpace(answer)); s != "y" && s != "yes" {
			fmt.Fprintln(o.Err, "nothing was removed")
			return nil
		}
	}
	return o.remove(a, holdings, lines)
}

func (o cleanOptions) show(lines []kept) error {
	w := tabwriter.NewWriter(o.Out, 0, 0, 2, ' ', 0)
	var total int64
	for _, k := range lines {
		note := ""
		if k.Unfinished > 0 {
			note += "  " + counted(k.Unfinished, "unfinished turn")
		}
		if k.Letters > 0 {
			note += "  " + counted(k.Letters, "dead letter")
		}
		fmt.Fprintf(w, "%s\t%s\t%s%s\n", k.What, counted(k.Files, "file"), sizeText(k.Bytes), note)
		total += k.Bytes
	}
	fmt.Fprintf(w, "all\t\t%s\n", sizeText(total))
	return w.Flush()
}

// refuse keeps what somebody may still want.
func (o cleanOptions) refuse(lines []kept) error {
	for _, k := range lines {
		if (k.Unfinished > 0 || k.Letters > 0) && !o.Force {
			return failed(fmt.Errorf("nothing was removed: the journals hold %s and %s; ww dev goes on with the turns, ww dlq shows the letters; to lose them: ww clean --force",
				counted(k.Unfinished, "unfinished turn"), counted(k.Letters, "dead letter")))
		}
	}
	return nil
}

// remove holds the app's lock meanwhile, so that nobody starts it.
func (o cleanOptions) remove(a app.App, holdings []app.Holding, lines []kept) error {
	lock, err := a.Lock()
	if err != nil {
		return failed(fmt.Errorf("nothing was removed: %w", err))
	}
	defer lock.Close() //nolint:errcheck // the process ends
	if r, err := o.find(); err == nil && r.leased() {
		return failed(fmt.Errorf("nothing was removed: components of %s still run; end them first: ww down", a.File))
	}
	for i, h := range holdings {
		if err := a.Discard(h); err != nil {
			return failed(err)
		}
		lines[i].Removed = true
	}
	fmt.Fprintln(o.Err, "removed")
	return nil
}

func sizeText(n int64) string {
	switch {
	case n >= 1<<30:
		return fmt.Sprintf("%.1f GB", float64(n)/(1<<30))
	case n >= 1<<20:
		return fmt.Sprintf("%.1f MB", float64(n)/(1<<20))
	}
	return fmt.Sprintf("%.1f KB", float64(n)/(1<<10))
}
