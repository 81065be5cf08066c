package project

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/woodwork-lang/ww/internal/diag"
	"github.com/woodwork-lang/ww/internal/schema"
	"github.com/woodwork-lang/ww/parser"
)

// headSpan is the words before the brace.
func headSpan(b *parser.Block) diag.Span {
	at := b.Kind.Range
	if b.Type != nil {
		at.End = b.Type.Range.End
	}
	return at
}

func unknownKind(b *parser.Block, s *schema.Schema) diag.Diagnostic {
	kind, typ := b.Kind.Name, word(b.Type)
	if kind == "workflow" {
		return failure("E_UNKNOWN_KIND", b.Kind.Range, "there is no kind \"workflow\"",
			"chains are made with `to`: each component names the ones that come after it")
	}
	types := s.TypesOf(kind)
	if len(types) > 0 {
		d := failure("E_UNKNOWN_KIND", b.Type.Range, fmt.Sprintf("there is no %s of type %q", kind, typ),
			fmt.Sprintf("the types of %s are %s", kind, listed(types)))
		return meant(d, typ, types)
	}
	if _, swapped := s.Find(typ, kind); swapped && typ != "" {
		d := failure("E_UNKNOWN_KIND", headSpan(b), fmt.Sprintf("there is no kind %q", kind), "the kind comes first, then the type")
		d.Instead = typ + " " + kind
		d.Label = fmt.Sprintf("did you mean %q?", d.Instead)
		return d
	}
	d := failure("E_UNKNOWN_KIND", b.Kind.Range, fmt.Sprintf("there is no kind %q", kind), "the kinds are "+strings.Join(kindNames(s), ", "))
	return meant(d, kind, s.Words())
}

func unknownBlock(p *schema.Property, b *parser.Block, types []string) diag.Diagnostic {
	d := failure("E_UNKNOWN_KIND", headSpan(b), fmt.Sprintf("there is no %s of this kind", p.Name), "the kinds are "+listed(types))
	return meant(d, b.Kind.Name, types)
}

func kindNames(s *schema.Schema) []string {
	var names []string
	for _, k := range s.Kinds() {
		if k.Legacy == "" && k.Role != schema.BusKind && !slices.Contains(names, k.Kind) {
			names = append(names, k.Kind)
		}
	}
	return names
}

func missingType(head *parser.Ident, types []string) diag.Diagnostic {
	return failure("E_UNKNOWN_KIND", head.Range, fmt.Sprintf("%s needs a type", head.Name),
		fmt.Sprintf("write one of these after it: %s", strings.Join(types, ", ")))
}

func ambiguousKind(head *parser.Ident, found []*schema.Kind) diag.Diagnostic {
	names := make([]string, 0, len(found))
	for _, k := range found {
		names = append(names, fmt.Sprintf("%q", k.Name()))
	}
	return failure("E_AMBIGUOUS_KIND", head.Range, fmt.Sprintf("%q alone can mean more than one thing here", head.Name),
		"write out which: "+strings.Join(names, " or "))
}

func runsWithout(b *parser.Block, k *schema.Kind) diag.Diagnostic {
	return warning("W_IGNORED", headSpan(b), fmt.Sprintf("this version of ww does not run %q yet; the app runs without it", k.Name()), "")
}

func localOnly(at diag.Span, what string) diag.Diagnostic {
	return warning("W_LOCAL_ONLY", at, fmt.Sprintf("%q is kept, but this version of ww runs the app on this machine, on its local bus", what), "")
}

func legacyKind(b *parser.Block, k *schema.Kind) diag.Diagnostic {
	return warning("W_LEGACY", headSpan(b), fmt.Sprintf("%q is an old name", k.Name()), "write "+k.Legacy)
}

func legacyKey(key parser.Ident, instead string) diag.Diagnostic {
	return warning("W_LEGACY", key.Range, fmt.Sprintf("%s is from an older version", key.Name), "instead: "+instead)
}

func ignored(key parser.Ident, p *schema.Property) diag.Diagnostic {
	return warning("W_IGNORED", key.Range, fmt.Sprintf("this version of ww does not act on %s yet", p.Name), p.Hint)
}

// inlineBlock is about a block that stands where the name of a component should.
func inlineBlock(p *schema.Property, b *parser.Block) diag.Diagnostic {
	want := "the names of components"
	if p.Type == schema.Ref {
		want = "the name of a component"
	}
	d := failure("E_BAD_TYPE", b.Range, fmt.Sprintf("%s wants %s, and nothing can be declared in it", p.Name, want), "")
	kind := "kind type"
	if b.Kind != nil {
		kind = b.Kind.Name
		if b.Type != nil {
			kind += " " + b.Type.Name
		}
	}
	d.Label = "this is a block"
	d.Detail = fmt.Sprintf("declare it on a line of its own, as in my_component = %s { … }, and write my_component here", kind)
	return d
}

func shortDeadline(key parser.Ident, every, least string) diag.Diagnostic {
	return warning("W_SHORT_TIMEOUT", key.Range, fmt.Sprintf("%s is shorter than two signs of life, which come every %s; %s are waited for", key.Name, every, least),
		"make heartbeat_interval shorter, or this longer")
}

func unknownKey(what string, key parser.Ident, known []string) diag.Diagnostic {
	return meant(warning("W_UNKNOWN_KEY", key.Range, fmt.Sprintf("%s has no property %q; it has no effect", what, key.Name), ""), key.Name, known)
}

// example is a block with the keys that must be there.
func example(keys []schema.Property) string {
	var parts []string
	for _, k := range keys {
		if k.Required {
			parts = append(parts, k.Name+`: "…"`)
		}
	}
	return "{ " + strings.Join(parts, ", ") + " }"
}

// strayDeclaration is about a key that holds a component.
func strayDeclaration(d diag.Diagnostic, b *parser.Block) diag.Diagnostic {
	d.Detail = fmt.Sprintf("%s { … } is a component of its own: write it on a line of its own, outside of these braces", b.Kind.Name)
	if b.Type != nil {
		d.Detail = fmt.Sprintf("%s %s { … } is a component of its own: write it on a line of its own, outside of these braces", b.Kind.Name, b.Type.Name)
	}
	return d
}

func conflictingKeys(again, first parser.Ident) diag.Diagnostic {
	d := failure("E_CONFLICTING_KEYS", again.Range,
		fmt.Sprintf("%s and %s are two names of one property, with different values", first.Name, again.Name), "keep one of the two")
	d.Related = []diag.Related{{Message: "the other value is here", Span: first.Range}}
	return d
}

// missingKeys tells those that are not written from those that are null or a variable that is not set.
func missingKeys(at parser.Ident, missing, empty []schema.Property) diag.Diagnostic {
	var needs, how []string
	for _, p := range missing {
		needs = append(needs, p.Name)
		how = append(how, fmt.Sprintf("add %s: %s (%s)", p.Name, p.Doc, p.Type))
	}
	for _, p := range empty {
		needs = append(needs, "a value for "+p.Name)
	}
	if len(empty) > 0 {
		how = append(how, "what is null, or a variable that is not set, is no value")
	}
	if slices.ContainsFunc(slices.Concat(missing, empty), func(p schema.Property) bool { return p.Name == "api_key" }) {
		how = append(how, "or try: ww dev --offline")
	}
	return failure("E_MISSING_KEY", at.Range, fmt.Sprintf("%s needs %s", at.Name, listed(needs)), strings.Join(how, "\n"))
}

func envUnset(v *parser.Env, key string) diag.Diagnostic {
	return warning("W_ENV_UNSET", v.Range, fmt.Sprintf("the environment variable %s is not set, so %s has no value", v.Name, key),
		fmt.Sprintf("export it, or add a line %s=… to the file .env beside the .ww file", v.Name))
}

func quotedBool(p *schema.Property, v *parser.String, plain string) diag.Diagnostic {
	return warning("W_QUOTED_BOOL", v.Range, fmt.Sprintf("%s is a quoted %s; it is taken as %s", p.Name, plain, plain), "remove the quotes")
}

func quotedEnv(p *schema.Property, v *parser.String) diag.Diagnostic {
	return warning("W_QUOTED_ENV", v.Range, fmt.Sprintf("%s is the text %q: in quotes a variable is not looked up", p.Name, v.Text),
		"write it without quotes: "+v.Text)
}

func badType(p *schema.Property, v parser.Value, raw any, l *linked) diag.Diagnostic {
	want := p.Type.String()
	if len(p.Values) > 0 {
		want = "one of \"" + strings.Join(p.Values, "\", \"") + "\""
	}
	switch {
	case p.Positive:
		want = "a whole number of at least 1"
	case p.Most > 0:
		want = fmt.Sprintf("a whole number from 0 to %d", p.Most)
	}
	d := failure("E_BAD_TYPE", v.Span(), fmt.Sprintf("%s wants %s", p.Name, want), "")
	d.Label = "this is " + described(v, raw)
	t, isText := text(raw)
	switch {
	case p.Type == schema.Argv && isText && t != "":
		d.Detail = fmt.Sprintf("no shell is involved, so write each argument as its own text: [\"%s\"]", strings.Join(strings.Fields(t), "\", \""))
	case p.Type == schema.Text, p.Type == schema.Path, p.Type == schema.File:
		if len(p.Values) == 0 {
			d.Detail = "put the value in quotes"
		} else if isText {
			d = meant(d, t, p.Values)
		}
	case p.Type == schema.Bool && isText && plainBool(t) != "":
		d.Detail = "write " + plainBool(t)
	case isText && strings.HasSuffix(t, ";"):
		d.Detail = "lines need no ; at their end"
	case p.Type.Reference() && isText && l.names[t] != nil:
		d.Detail = "write the component's name without quotes"
	case p.Type == schema.Dict && len(p.Keys) > 0:
		d.Detail = fmt.Sprintf("as in %s: { %s: … }; its keys are %s", p.Name, p.Keys[0].Name, keysOf(p))
	case p.Type == schema.List && isDict(raw):
		d.Detail = "put [ ] around the block"
	case p.Name == "model" && p.Type.Reference():
		d.Detail = "declare an llm of its own and name it here"
	}
	if _, env := v.(*parser.Env); env && d.Detail != "" && p.Type != schema.Argv {
		d.Detail = ""
	}
	return d
}

func keysOf(p *schema.Property) string {
	var names []string
	for i := range p.Keys {
		if p.Keys[i].Legacy == "" {
			names = append(names, p.Keys[i].Name)
		}
	}
	return strings.Join(names, ", ")
}

func isDict(raw any) bool {
	_, ok := raw.(map[string]any)
	return ok
}

// plainBool is the boolean that a word of other languages means, "" when it is none.
func plainBool(text string) string {
	switch strings.ToLower(strings.TrimSuffix(text, ";")) {
	case "true", "yes", "on", "1", "y":
		return "true"
	case "false", "no", "off", "0", "n":
		return "false"
	}
	return ""
}

// described is what a value is, without showing what may be secret.
func described(v parser.Value, raw any) string {
	if e, ok := v.(*parser.Env); ok {
		return fmt.Sprintf("the value of $%s, which is something else", e.Name)
	}
	switch raw := raw.(type) {
	case Secret:
		return "a text"
	case string:
		return fmt.Sprintf("the text %q", raw)
	case int64:
		return fmt.Sprintf("the number %d", raw)
	case float64:
		return fmt.Sprintf("the number %v", raw)
	case bool:
		return fmt.Sprintf("the value %v", raw)
	case Ref:
		return fmt.Sprintf("the component %s", string(raw))
	case []any:
		return "a list"
	case map[string]any:
		return "a block"
	}
	return "nothing"
}

// missingFile shows the name of a file as shown; near it are suggestions for name, unless that is hidden.
func missingFile(p *schema.Property, at diag.Span, shown, name string, err error, path string) diag.Diagnostic {
	if !errors.Is(err, fs.ErrNotExist) {
		return failure("E_UNREADABLE", at, fmt.Sprintf("%s names %s, which cannot be read: %v", p.Name, shown, reason(err)), "")
	}
	d := meant(failure("E_NO_FILE", at, fmt.Sprintf("%s names %s, and there is no such file", p.Name, shown),
		"paths are relative to the directory of the .ww file"), filepath.Base(name), neighbours(path))
	if d.Instead != "" {
		d.Instead = filepath.Join(filepath.Dir(name), d.Instead)
	}
	return d
}

func notFile(p *schema.Property, at diag.Span, shown string, info fs.FileInfo) diag.Diagnostic {
	return failure("E_NOT_A_FILE", at, fmt.Sprintf("%s names %s, which is %s and not a file", p.Name, shown, nature(info.Mode())), "")
}

// nature is what a directory entry is, in words.
func nature(m fs.FileMode) string {
	switch {
	case m.IsDir():
		return "a directory"
	case m&fs.ModeNamedPipe != 0:
		return "a named pipe"
	case m&fs.ModeSocket != 0:
		return "a socket"
	case m&fs.ModeDevice != 0:
		return "a device"
	case m&fs.ModeSymlink != 0:
		return "a symbolic link"
	}
	return "something special"
}

// reason is the innermost cause of a file error, without the path that the message already has.
func reason(err error) error {
	var path *fs.PathError
	if errors.As(err, &path) {
		return path.Err
	}
	return err
}

// neighbours are the names of the files beside path, to suggest one of them.
func neighbours(path string) []string {
	entries, err := os.ReadDir(filepath.Dir(path))
	if err != nil {
		return nil
	}
	names := make([]string, 0, len(entries))
	for _, e := range entries {
		names = append(names, e.Name())
	}
	return names
}
