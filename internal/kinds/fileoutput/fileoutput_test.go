package fileoutput_test

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/woodwork-lang/ww/internal/component"
	"github.com/woodwork-lang/ww/internal/kinds/fileoutput"
)

func open(t *testing.T, dir string, config map[string]any) (component.Kind, error) {
	t.Helper()
	kind, err := fileoutput.New(component.Spec{Name: "out", App: component.App{Dir: dir}, Config: config})
	if err != nil {
		return nil, err
	}
	_, err = kind.Start(t.Context(), component.Env{})
	return kind, err
}

func TestAnswersAreAddedToTheFile(t *testing.T) {
	dir := t.TempDir()
	for format, want := range map[string]string{
		"text": "one\n  two\nlines\n",
		"json": `{"time":"T","turn":"t1","session":"s","answer":"one"}` + "\n" + `{"time":"T","turn":"t2","session":"s","attempt":2,"answer":"  two\nlines"}` + "\n",
	} {
		name := filepath.Join("sub", format)
		kind, err := open(t, dir, map[string]any{"path": name, "format": format})
		if err != nil {
			t.Fatal(err)
		}
		for _, task := range []component.Task{{Turn: "t1", Session: "s", Attempt: 1, Body: []byte("one\n")}, {Turn: "t2", Session: "s", Attempt: 2, Body: []byte("\n  two\nlines\n")}} {
			if _, err := kind.Handle(t.Context(), task); err != nil {
				t.Fatal(err)
			}
		}
		got, err := os.ReadFile(filepath.Join(dir, name))
		if text := regexp.MustCompile(`"time":"[^"]*"`).ReplaceAllString(string(got), `"time":"T"`); err != nil || text != want {
			t.Errorf("%s: got %q, %v, want %q", format, text, err, want)
		}
	}
}

func TestAFileThatCannotBeWrittenSaysWhy(t *testing.T) {
	dir := t.TempDir()
	if err := os.Mkdir(filepath.Join(dir, "is-a-directory"), 0o700); err != nil {
		t.Fatal(err)
	}
	if _, err := open(t, dir, map[string]any{"path": "is-a-directory"}); err == nil || !strings.Contains(err.Error(), "is-a-directory cannot be written: is a directory") {
		t.Errorf("got %v", err)
	}
	if _, err := open(t, dir, map[string]any{}); err == nil || !strings.Contains(err.Error(), `property "path" is missing`) {
		t.Errorf("got %v", err)
	}
	// The directory goes while it runs: the turn fails with the reason, and the next one is tried anew.
	kind, err := open(t, dir, map[string]any{"path": "sub/answers"})
	if err != nil {
		t.Fatal(err)
	}
	if err := os.RemoveAll(filepath.Join(dir, "sub")); err != nil {
		t.Fatal(err)
	}
	if _, err := kind.Handle(t.Context(), component.Task{Body: []byte("x")}); err == nil || !strings.Contains(err.Error(), "sub/answers cannot be written: no such file or directory") {
		t.Errorf("got %v", err)
	}
}
