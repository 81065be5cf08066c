package archtest

import (
	"go/ast"
	"regexp"
	"testing"
)

// faults are the numbered faults that the program promises to stand, and what each is. Every one has a test, in whatever
// package, whose name begins with Test or Fuzz and the number.
var faults = map[string]string{
	"T01": "a component is killed while it works on many turns",
	"T08": "a grandchild keeps the output of its component open",
	"T10": "a component is stopped for a moment, or for long",
	"T11": "the clock jumps; the processors are taken by others",
	"T12": "a handler never ends while its process still answers",
	"T15": "a message kills whoever works on it",
	"T16": "a death at every point of the program",
	"T17": "the power is cut",
	"T18": "a journal is damaged",
	"T19": "a disk is full, or broken",
	"T20": "an app is started many times at once",
	"T21": "starts, stops and restarts in any order",
	"T22": "files of the dead, and pids that mean somebody else",
	"T23": "the run directory is taken away",
	"T24": "long and strange paths",
	"T25": "a run directory that belongs to somebody else",
	"T26": "another user connects",
	"T27": "a listener that accepts nobody",
	"T28": "a peer that reads slowly, or not at all",
	"T29": "a person who does not read",
	"T32": "every schedule of losses, delays, repetitions and crashes",
	"T33": "histories of locks and of the registry",
	"T34": "frames of every wrong shape",
	"T35": "journals of every wrong shape",
	"T36": "subjects and patterns",
	"T37": "frames in every wrong order",
	"T38": "one message a thousand times",
	"T39": "instances that share a component's sessions",
	"T40": "cancels and deadlines",
	"T41": "a tool dies in the middle of its work",
	"T42": "a breaker that could wedge",
	"T43": "a breaker beside its models",
	"T44": "fallbacks, overloads and targets that come back",
	"T55": "what is left behind by whatever has ended",
}

func TestEveryNumberedFaultHasItsTest(t *testing.T) {
	name := regexp.MustCompile(`^(?:Test|Fuzz)(T\d\d)`)
	has := map[string]bool{}
	for _, f := range sources(t) {
		if !f.test {
			continue
		}
		for _, d := range f.ast.Decls {
			fn, ok := d.(*ast.FuncDecl)
			if !ok || fn.Recv != nil {
				continue
			}
			if m := name.FindStringSubmatch(fn.Name.Name); m != nil {
				has[m[1]] = true
			}
		}
	}
	for id, what := range faults {
		if !has[id] {
			t.Errorf("%s has no test: %s", id, what)
		}
	}
}
