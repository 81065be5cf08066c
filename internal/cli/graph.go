package cli

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/woodwork-lang/ww/internal/engine"
	"github.com/woodwork-lang/ww/internal/graph"
	"github.com/woodwork-lang/ww/internal/project"
)

type graphOptions struct {
	IO
	File    string
	EnvFile string
	Format  string
}

func graphCmd(world IO) *cobra.Command {
	o := graphOptions{IO: world}
	cmd := &cobra.Command{
		Use:   "graph [FILE]",
		Short: "Draw how the components of a .ww file are connected",
		Long: `Draws the ways of turns, from the inputs down, and what each component uses: tools, models, memories.

--format mermaid is for pages that show Markdown, dot for Graphviz, json for programs.`,
		GroupID: groupWrite,
		Args:    atMostOne("file"),
		RunE: func(_ *cobra.Command, args []string) error {
			o.File = fileOf(args)
			return runGraph(o)
		},
	}
	formats := []string{"text", "mermaid", "dot", "json"}
	cmd.Flags().StringVar(&o.Format, "format", "text", "what to print: "+strings.Join(formats, ", "))
	json := cmd.Flags().Bool("json", false, "the same as --format json")
	cmd.PreRunE = func(*cobra.Command, []string) error {
		if *json {
			o.Format = "json"
		}
		if !slices.Contains(formats, o.Format) {
			return usage("--format is one of %s, not %q", strings.Join(formats, ", "), o.Format)
		}
		return nil
	}
	_ = cmd.RegisterFlagCompletionFunc("format", cobra.FixedCompletions(formats, cobra.ShellCompDirectiveNoFileComp))
	envFileFlag(cmd, &o.EnvFile)
	return cmd
}

// drawnGraph is the JSON of ww graph.
type drawnGraph struct {
	File  string      `json:"file"`
	Nodes []graphNode `json:"nodes"`
	Edges []graphEdge `json:"edges"`
}

type graphNode struct {
	Name    string `json:"name"`
	Kind    string `json:"kind"`
	Type    string `json:"type"`
	Implied bool   `json:"implied"` // not in the file
}

type graphEdge struct {
	From  string `json:"from"`
	To    string `json:"to"`
	Key   string `json:"key"`          // the property that makes it
	Chain bool   `json:"chain"`        // turns go along; else it is a use
	Cycle bool   `json:"cycle"`        // it closes a circle
	By    string `json:"by,omitempty"` // who hands on what goes along
}

func runGraph(o graphOptions) error {
	p, problems := project.Source{File: o.File, EnvFile: o.EnvFile, Env: o.Env}.Check()
	if problems.HasErrors() {
		return showProblems(o.IO, p.Sources, onlyErrors(problems))
	}
	g := engine.Wiring(p)
	var err error
	switch o.Format {
	case "mermaid":
		_, err = io.WriteString(o.Out, g.Mermaid())
	case "dot":
		_, err = io.WriteString(o.Out, g.Dot())
	case "json":
		err = writeJSON(o.Out, graphJSON(o.File, p, g))
	default:
		_, err = io.WriteString(o.Out, g.Text(graph.Layout{Width: width(o.Out), ASCII: onlyASCII(o.IO)}))
	}
	if err != nil {
		return failed(err)
	}
	if len(g.Nodes) == 0 {
		fmt.Fprintf(o.Err, "%s declares no component\n", o.File)
	}
	return nil
}

func graphJSON(file string, p *project.Project, g graph.Graph) drawnGraph {
	d := drawnGraph{File: file, Nodes: []graphNode{}, Edges: []graphEdge{}}
	for _, c := range engine.FileOrder(p) {
		d.Nodes = append(d.Nodes, graphNode{c.Name, c.Kind, c.Type, c.Implied})
	}
	closing := g.Closing()
	for _, e := range g.Edges {
		d.Edges = append(d.Edges, graphEdge{e.From, e.To, e.Label, e.Chain, closing[e], e.By})
	}
	return d
}
