package cli_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/woodwork-lang/ww/golden"
	"github.com/woodwork-lang/ww/internal/diag"
)

// TestThePageOfCodesIsWhatTheListSays writes docs/reference/diagnostics.md.
func TestThePageOfCodesIsWhatTheListSays(t *testing.T) {
	t.Parallel()
	var b strings.Builder
	b.WriteString(`# What ww says about files

Every problem has a code. Codes that begin with E are errors: the app cannot start, and the exit status is 2. Codes that begin with
W are warnings: the app starts, and does what the message says. ` + "`ww explain CODE`" + ` prints the same as this page.

This page is written from the list of codes; to change it, change ` + "`internal/diag`" + ` and run ` + "`WW_UPDATE=1 go test ./internal/cli`" + `.

| code | what is wrong |
|---|---|
`)
	for _, c := range diag.Codes() {
		fmt.Fprintf(&b, "| [%s](#%s) | %s |\n", c.Name, strings.ToLower(c.Name), strings.ReplaceAll(c.Title, "|", `\|`))
	}
	for _, c := range diag.Codes() {
		fmt.Fprintf(&b, "\n## %s\n\n%s.\n\n%s\n", c.Name, upper(c.Title), c.Why)
		fence := map[diag.About]string{diag.Source: "ww", diag.Dotenv: "sh", diag.Script: "text", diag.Command: "sh"}[c.About]
		fmt.Fprintf(&b, "\nWrong:\n\n```%s\n%s```\n\nRight:\n\n```%s\n%s```\n", fence, line(c.Wrong), fence, line(c.Right))
	}
	golden.Generated(t, "docs/reference/diagnostics.md", b.String())
}

func upper(text string) string { return strings.ToUpper(text[:1]) + text[1:] }

func line(text string) string { return strings.TrimSuffix(text, "\n") + "\n" }
