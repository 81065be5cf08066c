package lsp

import (
	"fmt"
	"strings"

	"github.com/woodwork-lang/ww/internal/schema"
)

// describe is what a property is, as Markdown.
func describe(p schema.Property) string {
	var b strings.Builder
	fmt.Fprintf(&b, "**%s**: %s\n\n%s", p.Name, p.Type, sentence(p.Doc))
	for _, note := range notes(p) {
		b.WriteString("\n\n" + note)
	}
	return b.String()
}

func notes(p schema.Property) []string {
	var all []string
	switch {
	case p.Required && p.Unless != "":
		all = append(all, "Required, unless `"+p.Unless+"` is given.")
	case p.Required:
		all = append(all, "Required.")
	case p.Default != nil:
		all = append(all, "Default: `"+literal(p.Default)+"`.")
	}
	if len(p.Values) > 0 {
		all = append(all, "One of `\""+strings.Join(p.Values, "\"`, `\"")+"\"`.")
	}
	if len(p.Aliases) > 0 {
		all = append(all, "Also written `"+strings.Join(p.Aliases, "`, `")+"`.")
	}
	if p.Secret {
		all = append(all, "A secret: masked wherever it is shown.")
	}
	if p.Legacy != "" {
		all = append(all, "From an older version. Instead: "+sentence(p.Legacy))
	}
	if p.Later {
		all = append(all, "This version keeps it and does not act on it yet.")
	}
	return all
}

// describeKind is what a kind of component is, as Markdown.
func describeKind(k *schema.Kind) string {
	var b strings.Builder
	fmt.Fprintf(&b, "**%s**\n\n%s", k.Name(), sentence(k.Doc))
	if k.Legacy != "" {
		b.WriteString("\n\nAn old name. Write `" + k.Legacy + "`.")
	}
	if !k.Runtime && k.Role != schema.Deployment && k.Role != schema.BusKind {
		b.WriteString("\n\nThis version of ww does not run it yet.")
	}
	if len(k.Properties) > 0 {
		b.WriteString("\n\n")
		for _, p := range k.Properties {
			need := ""
			if p.Required {
				need = ", required"
			}
			fmt.Fprintf(&b, "- `%s`%s: %s\n", p.Name, need, p.Doc)
		}
	}
	return strings.TrimRight(b.String(), "\n")
}

func sentence(text string) string {
	if text == "" || strings.HasSuffix(text, ".") {
		return text
	}
	return strings.ToUpper(text[:1]) + text[1:] + "."
}

// literal is a value of the table as it is written in a file.
func literal(v any) string {
	if text, ok := v.(string); ok {
		return `"` + text + `"`
	}
	return fmt.Sprint(v)
}
