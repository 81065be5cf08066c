package memory_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/woodwork-lang/ww/internal/component"
	"github.com/woodwork-lang/ww/internal/kinds/memory"
	"github.com/woodwork-lang/ww/internal/kinds/tool"
)

func start(t *testing.T, state string) component.Answerer {
	t.Helper()
	k, err := memory.New(component.Spec{Name: "mem", App: component.App{StateDir: state}})
	if err == nil {
		_, err = k.Start(t.Context(), component.Env{})
	}
	if err != nil {
		t.Fatal(err)
	}
	return k.(component.Answerer)
}

func ask(t *testing.T, k component.Answerer, id, session, action string, inputs map[string]any) string {
	t.Helper()
	r, err := k.Answer(t.Context(), component.Question{ID: id, Session: session, Body: tool.Call{Action: action, Inputs: inputs}.Request("mem").Body})
	if err != nil {
		t.Fatal(err)
	}
	return string(r.Body)
}

func TestASessionIsRememberedAcrossRestartsAndApartFromOthers(t *testing.T) {
	t.Parallel()
	state := t.TempDir()
	k := start(t, state)
	ask(t, k, "1", "../a", "append", map[string]any{"user": "I am Ada", "ai": "Hello\nAda"})
	ask(t, k, "1", "../a", "append", map[string]any{"user": "I am Ada", "ai": "Hello\nAda"}) // the same call, again
	ask(t, k, "2", "../a", "append", map[string]any{"user": "who?"})
	files, err := filepath.Glob(filepath.Join(state, "memory", "mem", "*"))
	if err != nil || len(files) != 1 {
		t.Fatalf("%v, %v", files, err)
	}
	f, err := os.OpenFile(files[0], os.O_WRONLY|os.O_APPEND, 0)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := f.WriteString(`{"user": "torn`); err != nil {
		t.Fatal(err)
	}
	f.Close()
	k = start(t, state)
	if got := ask(t, k, "", "../a", "read", nil); got != "[USER] I am Ada\n[AI] Hello\nAda\n[USER] who?" {
		t.Errorf("%q", got)
	}
	if got := ask(t, k, "", "b", "read", nil); got != "" {
		t.Errorf("another session knows %q", got)
	}
	ask(t, k, "", "../a", "clear", nil)
	ask(t, k, "", "b", "clear", nil)
	if got := ask(t, k, "", "../a", "read", nil); got != "" {
		t.Errorf("not forgotten: %q", got)
	}
	if got := ask(t, k, "", "b", "forget", nil); !strings.Contains(got, "read, append, clear") {
		t.Error(got)
	}
}
