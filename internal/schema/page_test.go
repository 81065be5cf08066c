package schema_test

import (
	"fmt"
	"reflect"
	"strings"
	"testing"

	"github.com/woodwork-lang/ww/golden"
	"github.com/woodwork-lang/ww/internal/schema"
)

// TestTheReferenceOfComponentsIsTheTable compares docs/reference/components.md with what the table makes.
func TestTheReferenceOfComponentsIsTheTable(t *testing.T) {
	t.Parallel()
	golden.Generated(t, "docs/reference/components.md", referencePage(schema.New()))
}

const pageHead = `# Components

Every kind of component with its types and properties. This page is made from the table in ` + "`internal/schema`" + ` that also
checks files, completes them and runs them; a test holds the two together.

A declaration is ` + "`name = kind type { … }`" + `; ` + "`name = type { … }`" + ` and ` + "`name = kind { … }`" + ` do where only one thing can be meant.
What the language itself is: [language.md](../language.md).

- *required*: without it, or with the value null, the file has an error (E_MISSING_KEY).
- *secret*: masked wherever it is shown.
- *later*: understood and kept, but this version does not act on it (W_IGNORED when it would make a difference).
- *live*: a running component takes a new value without being replaced.
- *old*: from older versions; it means what it always meant, and W_LEGACY says what is written today.

A value is a path below the directory of the .ww file where the type is **path**; where it is **file**, the file has to be there. A
**duration** is seconds as a number, or text such as "500ms" or "2m". A **ref** is the name of a component, bare; **refs** are one
or a list of them. Numbers, booleans and durations may be quoted. A value may come from the environment: $NAME or ${NAME}.

`

func referencePage(s *schema.Schema) string {
	var b strings.Builder
	b.WriteString(pageHead)
	b.WriteString("| kind | is | this version |\n|---|---|---|\n")
	for _, k := range s.Kinds() {
		fmt.Fprintf(&b, "| [%s](#%s) | %s | %s |\n", k.Name(), anchor(k), k.Doc, status(k))
	}
	var above schema.Kind // the last kind with a table
	for _, k := range s.Kinds() {
		fmt.Fprintf(&b, "\n## %s\n\n%s.%s\n", k.Name(), upper(k.Doc), remarks(k))
		if len(k.Properties) > 0 && reflect.DeepEqual(k.Properties, above.Properties) {
			fmt.Fprintf(&b, "\nTakes what [%s](#%s) takes.\n", above.Name(), anchor(above))
			continue
		}
		properties(&b, "", k.Properties)
		above = k
	}
	b.WriteString("\n## Every component\n\nAll kinds but deployments and buses take these too.\n")
	properties(&b, "", s.Common())
	b.WriteString("\n## Settings of the file\n\nKeys at the top level, as in `durability = \"process\"`.\n")
	properties(&b, "", s.Settings())
	return b.String()
}

func anchor(k schema.Kind) string { return strings.ReplaceAll(k.Name(), " ", "-") }

func status(k schema.Kind) string {
	switch {
	case k.Legacy != "":
		return "old: write " + k.Legacy
	case k.Runtime:
		return "runs"
	case k.Role == schema.Deployment && k.Type == "local", k.Role == schema.BusKind && k.Type == "local":
		return "has it"
	case k.Role == schema.Deployment, k.Role == schema.BusKind:
		return "keeps it, and runs the app on this machine"
	case k.Role == schema.Observer:
		return "runs without it"
	}
	return "not yet: checks it, cannot run it"
}

func remarks(k schema.Kind) string {
	text := ""
	if len(k.Aliases) > 0 {
		text += fmt.Sprintf(" Other spellings of the type: `%s`.", strings.Join(k.Aliases, "`, `"))
	}
	if k.Legacy != "" {
		text += " From older versions; write " + k.Legacy + "."
	}
	return text
}

// properties is a table of properties; keys of a block come as rows of their own behind it.
func properties(b *strings.Builder, within string, props []schema.Property) {
	if len(props) == 0 {
		return
	}
	if within == "" {
		b.WriteString("\n| property | type | default | |\n|---|---|---|---|\n")
	}
	for _, p := range props {
		fmt.Fprintf(b, "| `%s%s` | %s | %s | %s |\n", within, p.Name, typeName(p), defaultOf(p), about(p))
		properties(b, within+p.Name+".", p.Keys)
	}
}

func typeName(p schema.Property) string {
	if len(p.Values) > 0 {
		return "`\"" + strings.Join(p.Values, "\"` `\"") + "\"`"
	}
	names := map[schema.Type]string{
		schema.Any: "any", schema.Text: "text", schema.Path: "path", schema.File: "file", schema.Int: "integer", schema.Float: "number",
		schema.Bool: "boolean", schema.Duration: "duration", schema.Size: "size", schema.Dict: "block", schema.List: "list", schema.Texts: "list of texts",
		schema.Argv: "program and arguments", schema.Ref: "ref", schema.Refs: "refs", schema.Block: "text or typed block",
		schema.Retry: "integer or block", schema.Fallback: "`error`, `cached`, ref or text",
	}
	if len(p.Keys) > 0 && p.Type == schema.List {
		return "list of blocks"
	}
	return names[p.Type]
}

func defaultOf(p schema.Property) string {
	if p.Default == nil {
		return ""
	}
	if text, ok := p.Default.(string); ok {
		return fmt.Sprintf("`%q`", text)
	}
	return fmt.Sprintf("`%v`", p.Default)
}

func about(p schema.Property) string {
	var marks []string
	if p.Required && p.Unless != "" {
		marks = append(marks, "required unless `"+p.Unless+"` is given")
	} else if p.Required {
		marks = append(marks, "required")
	}
	for _, m := range []struct {
		has  bool
		mark string
	}{{p.Secret, "secret"}, {p.Positive, "at least 1"}, {p.Most > 0, fmt.Sprintf("at most %d", p.Most)}, {p.Later, "later"}, {p.Live, "live"}, {p.Legacy != "", "old: " + p.Legacy}} {
		if m.has {
			marks = append(marks, m.mark)
		}
	}
	text := strings.ReplaceAll(p.Doc, "|", "\\|")
	if len(p.Aliases) > 0 {
		text += "; also `" + strings.Join(p.Aliases, "`, `") + "`"
	}
	if len(p.Old) > 0 {
		text += "; in old files `" + strings.Join(p.Old, "`, `") + "`"
	}
	if len(marks) > 0 {
		text += " *(" + strings.Join(marks, ", ") + ")*"
	}
	return text
}

func upper(text string) string { return strings.ToUpper(text[:1]) + text[1:] }
