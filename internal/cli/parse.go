package cli

import (
	"github.com/spf13/cobra"

	"github.com/woodwork-lang/ww/internal/diag"
	"github.com/woodwork-lang/ww/internal/project"
)

type parseOptions struct {
	IO
	File        string
	EnvFile     string
	Resolve     bool
	ShowSecrets bool
}

func parseCmd(world IO) *cobra.Command {
	o := parseOptions{IO: world}
	cmd := &cobra.Command{
		Use:     "parse [FILE]",
		Short:   "Print how ww understands a .ww file, as JSON",
		GroupID: groupWrite,
		Args:    atMostOne("file"),
		RunE: func(_ *cobra.Command, args []string) error {
			o.File = fileOf(args)
			return runParse(o)
		},
	}
	envFileFlag(cmd, &o.EnvFile)
	cmd.Flags().Bool("json", true, "print JSON; there is no other form")
	cmd.Flags().BoolVar(&o.Resolve, "resolve", false, "print what the components will get: properties, defaults, environment")
	cmd.Flags().BoolVar(&o.ShowSecrets, "show-secrets", false, "with --resolve: do not mask secrets")
	return cmd
}

func runParse(o parseOptions) error {
	shortLived()
	tree, problems, sources := o.read()
	if err := writeJSON(o.Out, tree); err != nil {
		return failed(err)
	}
	return showProblems(o.IO, sources, problems)
}

func (o parseOptions) read() (any, diag.List, diag.Sources) {
	if o.Resolve {
		return project.Source{File: o.File, EnvFile: o.EnvFile, Env: o.Env}.Resolve(o.ShowSecrets)
	}
	return project.Parse(o.File)
}
