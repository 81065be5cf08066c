package cli

import (
	"fmt"
	"io"
	"strings"

	"github.com/charmbracelet/x/ansi"
	"github.com/spf13/cobra"

	"github.com/woodwork-lang/ww/internal/diag"
)

type explainOptions struct {
	IO
	Codes []string
	JSON  bool
}

func explainCmd(world IO) *cobra.Command {
	o := explainOptions{IO: world}
	cmd := &cobra.Command{
		Use:   "explain [CODE…]",
		Short: "Say what a code such as E_CYCLE means, with an example; without a code, list all",
		Example: `  ww explain E_CYCLE
  ww explain bare_word`,
		GroupID: groupWrite,
		RunE: func(_ *cobra.Command, args []string) error {
			o.Codes = args
			return runExplain(o)
		},
		ValidArgsFunction: func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
			var all []string
			for _, c := range diag.Codes() {
				all = append(all, c.Name+"\t"+c.Title)
			}
			return all, cobra.ShellCompDirectiveNoFileComp
		},
	}
	cmd.Flags().BoolVar(&o.JSON, "json", false, "print it as JSON")
	return cmd
}

// explained is the JSON of one code.
type explained struct {
	Code     string `json:"code"`
	Severity string `json:"severity"`
	Title    string `json:"title"`
	Why      string `json:"why"`
	Example  string `json:"example"` // what wrong and right are: source, dotenv, script or command
	Wrong    string `json:"wrong"`
	Right    string `json:"right"`
}

func runExplain(o explainOptions) error {
	codes := diag.Codes()
	if len(o.Codes) > 0 {
		codes = nil
	}
	for _, name := range o.Codes {
		c, ok := diag.FindCode(name)
		if !ok {
			return unknownCode(name)
		}
		codes = append(codes, c)
	}
	var err error
	switch {
	case o.JSON:
		all := make([]explained, 0, len(codes))
		for _, c := range codes {
			all = append(all, explained{c.Name, c.Severity().String(), c.Title, c.Why, exampleKind(c.About), c.Wrong, c.Right})
		}
		err = writeJSON(o.Out, all)
	case len(o.Codes) == 0:
		err = o.list(codes)
	default:
		for i, c := range codes {
			if i > 0 {
				fmt.Fprintln(o.Out)
			}
			err = o.explain(c)
		}
	}
	if err != nil {
		return failed(err)
	}
	return nil
}

func (o explainOptions) list(codes []diag.Code) error {
	widest := 0
	for _, c := range codes {
		widest = max(widest, len(c.Name))
	}
	var b strings.Builder
	for _, c := range codes {
		fmt.Fprintf(&b, "%-*s  %s\n", widest, c.Name, c.Title)
	}
	_, err := io.WriteString(o.Out, b.String())
	return err
}

func (o explainOptions) explain(c diag.Code) error {
	columns := width(o.Out)
	if columns <= 0 || columns > 100 {
		columns = 100
	}
	var b strings.Builder
	fmt.Fprintf(&b, "%s: %s\n\n%s\n", c.Name, c.Title, ansi.Wordwrap(c.Why, columns, ""))
	for _, example := range []struct{ title, text string }{{"wrong", c.Wrong}, {"right", c.Right}} {
		fmt.Fprintf(&b, "\n%s%s:\n\n", example.title, exampleOf(c.About))
		for line := range strings.Lines(example.text) {
			b.WriteString(strings.TrimRight("    "+strings.TrimSuffix(line, "\n"), " ") + "\n")
		}
	}
	_, err := io.WriteString(o.Out, b.String())
	return err
}

// exampleOf says what an example is when it is no .ww file.
func exampleOf(a diag.About) string {
	switch a {
	case diag.Dotenv:
		return ", in .env"
	case diag.Script:
		return ", in a script"
	case diag.Command:
		return ", in a shell"
	}
	return ""
}

func exampleKind(a diag.About) string {
	switch a {
	case diag.Dotenv:
		return "dotenv"
	case diag.Script:
		return "script"
	case diag.Command:
		return "command"
	}
	return "source"
}
