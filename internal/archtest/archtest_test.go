package archtest

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

const module = "github.com/woodwork-lang/ww/"

// table says which of our packages a package may import. A trailing /... covers a package and all below it. Arrows
// only point down; what stands beside each other does not import each other.
var table = map[string][]string{
	"cmd/ww":                   {"internal/cli", "internal/termguard"},
	"sdk":                      {}, // the public API: whoever imports it gets nothing else of ours
	"sdk/singlefile":           {},
	"internal/conform":         {"internal/script"},
	"internal/cli":             {"internal/...", "sdk/singlefile", "tui/...", "parser", "localbus/...", "supervisor", "breaker"},
	"internal/diag":            {},
	"parser":                   {"internal/diag"},
	"internal/schema":          {"internal/diag"},
	"internal/project":         {"parser", "internal/schema", "internal/diag"},
	"internal/graph":           {},
	"internal/lsp":             {"internal/project", "parser", "internal/schema", "internal/diag"},
	"internal/event":           {},
	"internal/stream":          {"internal/event"},
	"internal/bus":             {"internal/event"},
	"internal/bus/bustest":     {"internal/bus", "internal/event"},
	"internal/fanout":          {"internal/event"},
	"internal/metrics":         {},
	"internal/fault":           {}, // everything that can be made to fail imports it
	"localbus":                 {"internal/bus", "internal/event", "internal/fault", "internal/rounds"},
	"internal/rounds":          {}, // what runs in every process
	"breaker":                  {},
	"internal/sched":           {}, // how background work makes way
	"internal/journal":         {"internal/sched"},
	"internal/delivery":        {"internal/bus", "internal/event"},
	"internal/delivery/verify": {"internal/delivery", "internal/event"},
	"internal/session":         {"internal/event", "internal/sched"},
	"internal/recording":       {"internal/event", "internal/session"},
	"internal/rehearsal":       {},
	"internal/component":       {"internal/rounds", "internal/sched", "internal/bus", "internal/event", "internal/delivery", "internal/journal", "breaker", "internal/fanout", "internal/metrics", "internal/fault", "internal/turn", "internal/stream", "internal/secret"},
	"internal/pdftext":         {},
	"internal/knowledge":       {"internal/pdftext", "internal/watch"},
	"internal/kinds/...":       {"internal/kinds/...", "internal/knowledge", "internal/component", "internal/event", "internal/schema", "internal/script", "internal/diag", "internal/turn", "internal/bus", "internal/handover", "internal/port", "internal/recording", "internal/launch"},
	"internal/launch":          {},
	"internal/script":          {"internal/event", "internal/diag"},
	"supervisor":               {},
	"internal/logbuf":          {},
	"internal/secret":          {},
	"internal/usage":           {},
	"internal/port":            {},
	"internal/handover":        {},
	"internal/doctor":          {"internal/app", "internal/engine", "internal/diag", "internal/delivery", "internal/delivery/verify", "internal/journal", "internal/port", "localbus", "supervisor"},
	"internal/state":           {"internal/diag", "internal/event"},
	"internal/trust":           {"internal/project", "internal/schema", "internal/script", "internal/launch"},
	"internal/deploy":          {"internal/project", "parser", "internal/diag"},
	"internal/app":             {},
	"internal/turn":            {"internal/bus", "internal/event", "internal/stream"},
	"internal/engine":          {"internal/...", "localbus", "supervisor"},
	"internal/bench/...":       {"internal/...", "localbus", "breaker"},
	"internal/watch":           {},
	"internal/nobody":          {}, // for tests only
	"internal/termguard":       {},
	"tui/...":                  {"tui/...", "internal/graph", "internal/state", "internal/logbuf", "internal/diag", "internal/event"},
	"golden":                   {},
	"internal/archtest":        {},
	"internal/screenshots":     {}, // it runs ww as a person does
	"internal/e2e":             {"internal/...", "localbus", "supervisor"},
	"examples/...":             {"sdk"},
}

// above is what even a package with internal/... may not import: the arrows point down.
var above = map[string][]string{
	"internal/engine":    {"internal/cli", "internal/engine", "internal/bench"},
	"internal/bench/...": {"internal/cli"},
}

// bannedNames are drawers, not packages.
var bannedNames = []string{"util", "utils", "common", "helpers", "types", "models", "core", "misc", "shared"}

type file struct {
	path string
	pkg  string // directory below the root
	test bool
	ast  *ast.File
	set  *token.FileSet
}

func sources(t *testing.T) []file {
	t.Helper()
	root := filepath.Join("..", "..")
	var out []file
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() {
			if path != root && skipped(path, d.Name()) {
				return filepath.SkipDir
			}
			return nil
		}
		if filepath.Ext(path) != ".go" {
			return nil
		}
		set := token.NewFileSet()
		parsed, err := parser.ParseFile(set, path, nil, parser.ParseComments)
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(root, path)
		if err != nil {
			return err
		}
		out = append(out, file{filepath.ToSlash(rel), filepath.ToSlash(filepath.Dir(rel)), strings.HasSuffix(path, "_test.go"), parsed, set})
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// skipped leaves out what is not ours or not in this module.
func skipped(path, name string) bool {
	if strings.HasPrefix(name, ".") || name == "testdata" {
		return true
	}
	_, err := os.Stat(filepath.Join(path, "go.mod"))
	return err == nil
}

// row finds a package's line in the table.
func row(pkg string) (key string, ok bool) {
	if _, ok := table[pkg]; ok {
		return pkg, true
	}
	for k := range table {
		if covers(k, pkg) {
			return k, true
		}
	}
	return "", false
}

func covers(pattern, pkg string) bool {
	base, tree := strings.CutSuffix(pattern, "/...")
	return pkg == base || tree && strings.HasPrefix(pkg, base+"/")
}

func TestPackagesImportOnlyWhatTheTableAllows(t *testing.T) {
	for _, f := range sources(t) {
		key, ok := row(f.pkg)
		if !ok {
			t.Errorf("%s: package %s is not in the table: add it to internal/archtest and to ARCHITECTURE.md, with what it may import", f.path, f.pkg)
			continue
		}
		if f.test {
			continue // tests may look anywhere
		}
		for _, imp := range ours(f) {
			if !allowed(key, f.pkg, imp) {
				t.Errorf("%s: %s may not import %s: move the code, pass a value, or declare an interface where it is used", f.path, f.pkg, imp)
			}
		}
	}
}

func ours(f file) []string {
	var out []string
	for _, i := range f.ast.Imports {
		path, err := strconv.Unquote(i.Path.Value)
		if err == nil && strings.HasPrefix(path, module) {
			out = append(out, strings.TrimPrefix(path, module))
		}
	}
	return out
}

func allowed(key, pkg, imp string) bool {
	if imp == pkg {
		return true
	}
	for _, no := range above[key] {
		if covers(no, imp) {
			return false
		}
	}
	return slices.ContainsFunc(table[key], func(p string) bool { return covers(p, imp) })
}

func TestShippedCodeHasNoTestsInIt(t *testing.T) {
	for _, f := range sources(t) {
		if f.test || f.pkg == "golden" || f.pkg == "internal/bus/bustest" || f.pkg == "internal/nobody" {
			continue // these are test code, and only tests import them
		}
		for _, i := range f.ast.Imports {
			switch i.Path.Value {
			case `"testing"`, `"net/http/httptest"`, `"` + module + `golden"`, `"` + module + `internal/bus/bustest"`, `"` + module + `internal/nobody"`:
				t.Errorf("%s imports %s: test code does not ship", f.path, i.Path.Value)
			}
		}
	}
}

func TestOnlyTermguardHasAnInit(t *testing.T) {
	for _, f := range sources(t) {
		if f.test || f.pkg == "internal/termguard" {
			continue
		}
		for _, d := range f.ast.Decls {
			if fn, ok := d.(*ast.FuncDecl); ok && fn.Recv == nil && fn.Name.Name == "init" {
				t.Errorf("%s has an init function: every component process would pay for it; wire it where it is used", f.path)
			}
		}
	}
}

func TestEveryPackageSaysWhatItIs(t *testing.T) {
	said, seen := map[string]bool{}, map[string]string{}
	for _, f := range sources(t) {
		if f.test && f.pkg != "internal/archtest" {
			continue
		}
		seen[f.pkg] = f.ast.Name.Name
		if f.ast.Doc != nil && (strings.HasPrefix(f.ast.Doc.Text(), "Package ") || strings.HasPrefix(f.ast.Doc.Text(), "Command ")) {
			said[f.pkg] = true
		}
		if slices.Contains(bannedNames, f.ast.Name.Name) {
			t.Errorf("%s: a package is not called %s: name what it holds", f.path, f.ast.Name.Name)
		}
	}
	for pkg := range seen {
		if !said[pkg] {
			t.Errorf("%s has no package comment: its first sentence is its promise", pkg)
		}
	}
}
