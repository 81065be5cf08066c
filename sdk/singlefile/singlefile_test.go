package singlefile_test

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/woodwork-lang/ww/internal/conform"
	"github.com/woodwork-lang/ww/internal/script"
	"github.com/woodwork-lang/ww/sdk/singlefile"
)

// The test binary plays the guard.
func TestMain(m *testing.M) {
	if len(os.Args) > 1 && os.Args[1] == "guard" {
		os.Exit(script.RunGuard())
	}
	os.Exit(m.Run())
}

// mine is a component for each language, with as much noise as it can make.
var mine = map[string]struct{ program, file, source string }{
	"python": {"python3", "mine.py", `
from ww_component import Component
import os, sys
app = Component("mine", version="1.0", max_concurrent=3)
print("noise at the start")
@app.tool
def double(n: int = 1) -> int:
    print("noise in a tool"); os.write(1, b"noise of another language\n")
    return {"n": 2 * n}
@app.process
def process(turn):
    turn.chunk("a piece"); turn.emit("seen", {"a": 1}); app.log("worked")
    if turn.call("other", "?") != "an answer of the test": sys.exit(3)
    return turn.data
app.run()
`},
	"node": {"node", "mine.mjs", `
import { Component } from "./ww-component.mjs";
const app = new Component("mine", { version: "1.0", maxConcurrent: 3 });
console.log("noise at the start");
app.tool("double", "Doubles.", { n: { type: "integer", default: 1 } }, ({ n = 1 }) => { console.log("noise"); return { n: 2 * n }; });
app.process(async (turn) => {
  turn.chunk("a piece"); turn.emit("seen", { a: 1 }); app.log("worked");
  if (await turn.call("other", "?") !== "an answer of the test") throw new Error("another answer");
  return turn.data;
});
app.run();
`},
}

func TestComponentsOfTheFilesKeepEveryPromise(t *testing.T) {
	for _, f := range singlefile.List() {
		t.Run(f.Language, func(t *testing.T) {
			t.Parallel()
			m := mine[f.Language]
			if _, err := exec.LookPath(m.program); err != nil {
				if os.Getenv("WW_REQUIRE") == "all" {
					t.Fatalf("this test needs %s", m.program)
				}
				t.Skipf("needs %s", m.program)
			}
			dir := t.TempDir()
			text, err := f.Text()
			if err != nil {
				t.Fatal(err)
			}
			for name, b := range map[string][]byte{f.Name: text, m.file: []byte(m.source)} {
				if err := os.WriteFile(filepath.Join(dir, name), b, 0o600); err != nil {
					t.Fatal(err)
				}
			}
			var log bytes.Buffer
			for _, c := range conform.Run(t.Context(), conform.Options{
				Command: script.Command{Argv: []string{m.program, m.file}, Dir: dir, Env: script.Environment(nil, "tag"), Stderr: &log},
			}, func(conform.Check) {}) {
				if c.Result != conform.OK || strings.Contains(c.Note, "fails") {
					t.Errorf("%s: %s %s %s", c.Promise, c.Result, c.Problem, c.Note)
				}
			}
			if !strings.Contains(log.String(), "noise at the start") {
				t.Errorf("what it prints is not in its log: %s", log.String())
			}
		})
	}
}

func TestTheExamplesHaveTheFilesAsTheyAre(t *testing.T) {
	for _, f := range singlefile.List() {
		want, err := f.Text()
		if err != nil {
			t.Fatal(err)
		}
		got, err := os.ReadFile(filepath.Join("..", "..", "examples", "custom_"+f.Language, f.Name))
		if err != nil || !bytes.Equal(got, want) {
			t.Errorf("examples/custom_%s/%s is another one (%v): copy it from sdk/singlefile/%s", f.Language, f.Name, err, f.Language)
		}
	}
}

func TestFind(t *testing.T) {
	if _, err := singlefile.Find("cobol"); err == nil || !strings.Contains(err.Error(), `no file for "cobol"; there are files for python and node; for Go`) {
		t.Errorf("got %v", err)
	}
}
