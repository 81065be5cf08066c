package cli

import (
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/woodwork-lang/ww/internal/project"
	"github.com/woodwork-lang/ww/internal/schema"
	"github.com/woodwork-lang/ww/internal/session"
	"github.com/woodwork-lang/ww/parser"
)

// completer is a function that a shell asks while somebody types.
type completer = cobra.CompletionFunc

// addCompletions tells every command what its arguments are, by how its usage line names them, so that no verb is left
// with the names of all files. A verb that knows better has said so itself.
func addCompletions(world IO, cmd *cobra.Command) {
	if cmd.ValidArgsFunction == nil && len(cmd.ValidArgs) == 0 {
		cmd.ValidArgsFunction = arguments(world, cmd)
	}
	for name, complete := range flagValues(world) {
		if cmd.LocalFlags().Lookup(name) == nil {
			continue
		}
		if _, there := cmd.GetFlagCompletionFunc(name); !there {
			_ = cmd.RegisterFlagCompletionFunc(name, complete) // fails only for a flag that does not exist
		}
	}
	for _, sub := range cmd.Commands() {
		addCompletions(world, sub)
	}
}

// arguments is what completes the arguments of a command.
func arguments(world IO, cmd *cobra.Command) completer {
	_, usage, _ := strings.Cut(cmd.Use, " ")
	many := strings.Contains(usage, "...") || strings.Contains(usage, "…")
	switch word := strings.Trim(usage, "[].…| -"); {
	case word == "FILE":
		return first(many, sourceFiles)
	case word == "DIR":
		return first(many, cobra.FixedCompletions(nil, cobra.ShellCompDirectiveFilterDirs))
	case word == "NAME", word == "TARGET":
		return first(many, componentNames(""))
	case word == "NAME=N":
		return first(many, componentNames("="))
	case word == "TURN":
		return first(many, turnIDs(world))
	case word == "ID" && cmd.HasParent() && cmd.Parent().Name() == "sessions":
		return first(many, sessionIDs(world))
	case word == "AREA":
		return first(many, cobra.FixedCompletions(benchNames(), cobra.ShellCompDirectiveNoFileComp))
	case word == "ready":
		return first(many, cobra.FixedCompletions([]string{"ready"}, cobra.ShellCompDirectiveNoFileComp))
	}
	return cobra.NoFileCompletions
}

// flagValues completes the values of flags that have the same meaning in every command.
func flagValues(world IO) map[string]completer {
	fixed := func(values ...string) completer {
		return cobra.FixedCompletions(values, cobra.ShellCompDirectiveNoFileComp)
	}
	var kinds, types []string
	for _, k := range schema.New().Kinds() {
		kinds, types = append(kinds, k.Kind), append(types, k.Type)
	}
	kinds, types = distinct(kinds), distinct(types)
	return map[string]completer{
		"file": sourceFiles, "env-file": cobra.FixedCompletions(nil, cobra.ShellCompDirectiveDefault),
		"script":  cobra.FixedCompletions([]string{"script"}, cobra.ShellCompDirectiveFilterFileExt),
		"ui":      fixed("tui", "stream", "json"),
		"stream":  fixed("stdout", "stderr", "ww"),
		"level":   fixed("debug", "info", "warn", "error"),
		"to":      componentNames(""),
		"kind":    fixed(kinds...),
		"session": sessionIDs(world),
		"turn":    turnIDs(world),
		"type":    fixed(types...),
		// Nothing can be known of these, and surely they are no files.
		"instance": cobra.NoFileCompletions, "since": cobra.NoFileCompletions, "until": cobra.NoFileCompletions, "grep": cobra.NoFileCompletions,
		"why": cobra.NoFileCompletions, "for": cobra.NoFileCompletions, "timeout": cobra.NoFileCompletions, "tail": cobra.NoFileCompletions,
		"capability": cobra.NoFileCompletions,
	}
}

// first completes the first argument only, unless a command takes many.
func first(many bool, complete completer) completer {
	return func(cmd *cobra.Command, args []string, typed string) ([]string, cobra.ShellCompDirective) {
		if len(args) > 0 && !many {
			return nil, cobra.ShellCompDirectiveNoFileComp
		}
		return complete(cmd, args, typed)
	}
}

// sourceFiles completes the names of .ww files.
func sourceFiles(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
	return []string{"ww"}, cobra.ShellCompDirectiveFilterFileExt
}

// componentNames completes the components of the file that the command is about, whether the app runs or not. What comes
// behind a name, as the = of scale, is typed along with it.
func componentNames(behind string) completer {
	return func(cmd *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
		directive := cobra.ShellCompDirectiveNoFileComp
		if behind != "" {
			directive |= cobra.ShellCompDirectiveNoSpace
		}
		file, err := cmd.Flags().GetString("file")
		if err != nil {
			return nil, directive
		}
		src, problems := project.Read(file)
		if len(problems) > 0 {
			return nil, directive
		}
		f, _ := parser.Parse(file, src)
		var names []string
		for _, d := range f.Decls {
			if d.Body != nil {
				kind := d.Body.Kind.Name
				if d.Body.Type != nil {
					kind += " " + d.Body.Type.Name
				}
				names = append(names, d.Name.Name+behind+"\t"+kind)
			}
		}
		return names, directive
	}
}

// sessionsOf are the sessions of the app that the command is about.
func sessionsOf(world IO, cmd *cobra.Command) (session.Dir, []session.Info) {
	o := appOptions{IO: world}
	o.File, _ = cmd.Flags().GetString("file")
	o.Instance, _ = cmd.Flags().GetString("instance")
	_, dir, err := o.sessions()
	if err != nil {
		return dir, nil
	}
	list, err := dir.List()
	if err != nil {
		return dir, nil
	}
	return dir, list
}

func sessionIDs(world IO) completer {
	return func(cmd *cobra.Command, _ []string, _ string) ([]string, cobra.ShellCompDirective) {
		_, list := sessionsOf(world, cmd)
		var ids []string
		for _, s := range list {
			ids = append(ids, s.ID+"\t"+counted(s.Turns, "turn"))
		}
		return ids, cobra.ShellCompDirectiveNoFileComp | cobra.ShellCompDirectiveKeepOrder
	}
}

// turnIDs completes the turns of the sessions that were used last.
func turnIDs(world IO) completer {
	const recent = 10
	return func(cmd *cobra.Command, _ []string, _ string) ([]string, cobra.ShellCompDirective) {
		dir, list := sessionsOf(world, cmd)
		var ids []string
		for _, info := range list[:min(len(list), recent)] {
			s, err := dir.Show(info.ID)
			if err != nil {
				continue
			}
			for i := len(s.List) - 1; i >= 0; i-- {
				ids = append(ids, s.List[i].ID+"\t"+printed(s.List[i].Text))
			}
		}
		return ids, cobra.ShellCompDirectiveNoFileComp | cobra.ShellCompDirectiveKeepOrder
	}
}

func benchNames() []string {
	var names []string
	for _, a := range benchAreas() {
		names = append(names, a.Name)
	}
	return names
}

// distinct is the texts in order, each once.
func distinct(texts []string) []string {
	slices.Sort(texts)
	return slices.DeleteFunc(slices.Compact(texts), func(t string) bool { return t == "" })
}
