package archtest

import (
	"go/ast"
	"slices"
	"testing"
)

// screenCode are the parts of the terminal that may touch the world: reading keys, asking the backend, drawing, tracing.
var screenCode = []string{
	"tui/cmds.go", "tui/trace.go", "tui/bridge.go", "tui/tui.go", "tui/background.go", "tui/clipboard.go", "tui/ears.go", "tui/drawn.go",
	"tui/canvas/canvas.go",
}

func TestTheScreenDoesNoIO(t *testing.T) {
	forbidden := []string{`"os"`, `"os/exec"`, `"net"`, `"net/http"`, `"sync"`}
	for _, f := range sources(t) {
		if f.test || !covers("tui/...", f.pkg) || slices.Contains(screenCode, f.path) {
			continue
		}
		for _, i := range f.ast.Imports {
			if slices.Contains(forbidden, i.Path.Value) {
				t.Errorf("%s imports %s: Update and View work on values; put I/O into tui/cmds.go", f.path, i.Path.Value)
			}
		}
		ast.Inspect(f.ast, func(n ast.Node) bool {
			if s, ok := n.(*ast.SelectorExpr); ok && s.Sel.Name == "Now" && named(s.X, "time") {
				t.Errorf("%s: the time of a screen is that of its model, which a tick moves: time.Now is for tui/cmds.go", f.set.Position(n.Pos()))
			}
			return true
		})
	}
}

// longestRoute is how many lines a router of messages may have: one case and one call for each.
const longestRoute = 40

// TestTheScreenRoutesInFewLines: what takes messages and draws is short, the root of the screen above all, which rots first.
func TestTheScreenRoutesInFewLines(t *testing.T) {
	roots := 0
	for _, f := range sources(t) {
		if f.test || !covers("tui/...", f.pkg) {
			continue
		}
		for _, d := range f.ast.Decls {
			fn, ok := d.(*ast.FuncDecl)
			if !ok || fn.Recv == nil || !slices.Contains([]string{"Update", "View", "Init"}, fn.Name.Name) {
				continue
			}
			if f.path == "tui/update.go" && fn.Name.Name == "Update" {
				roots++
			}
			if n := f.set.Position(fn.End()).Line - f.set.Position(fn.Pos()).Line + 1; n > longestRoute {
				t.Errorf("%s: %s has %d lines, of at most %d: a case calls a method, and does no more",
					f.set.Position(fn.Pos()), fn.Name.Name, n, longestRoute)
			}
		}
	}
	if roots != 1 {
		t.Errorf("tui/update.go has %d methods Update, so nobody looks at the root of the screen", roots)
	}
}

func named(x ast.Expr, name string) bool {
	id, ok := x.(*ast.Ident)
	return ok && id.Name == name
}
