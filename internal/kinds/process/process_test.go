package process_test

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/woodwork-lang/ww/internal/component"
	"github.com/woodwork-lang/ww/internal/kinds/process"
	"github.com/woodwork-lang/ww/internal/script"
)

// The test binary plays the guard and the component.
func TestMain(m *testing.M) {
	if len(os.Args) > 1 {
		switch os.Args[1] {
		case "guard":
			os.Exit(script.RunGuard())
		case "component":
			play()
			os.Exit(0)
		}
	}
	os.Exit(m.Run())
}

// tools are those of a component whose mood is "handy".
func tools() []map[string]any {
	if os.Getenv("MOOD") != "handy" {
		return nil
	}
	return []map[string]any{{"name": "add", "description": "Adds.", "inputSchema": map[string]any{"type": "object"}}}
}

// play answers with what it was asked, told and given; `exit` ends it, `ask X` asks X.
func play() {
	out := json.NewEncoder(os.Stdout)
	send := func(m map[string]any) { m["jsonrpc"] = "2.0"; out.Encode(m) }
	for in := bufio.NewScanner(os.Stdin); in.Scan(); {
		var m struct {
			ID     json.RawMessage
			Method string
			Params json.RawMessage
		}
		if err := json.Unmarshal(in.Bytes(), &m); err != nil {
			panic(err)
		}
		switch m.Method {
		case "initialize":
			os.Stderr.WriteString(string(m.Params) + "\n" + os.Getenv("MOOD") + "\n")
			send(map[string]any{"method": "ready", "params": map[string]any{
				"description": "helps", "tools": tools(), "capabilities": []string{"text"}, "input_events": []string{"a"}, "output_events": []string{"b"}, "max_concurrent": 100000, "side_effects": true,
			}})
		case "process":
			var p struct {
				Role   string
				Data   any
				Tool   string
				Inputs map[string]any
			}
			json.Unmarshal(m.Params, &p)
			text, _ := p.Data.(string)
			if p.Tool != "" {
				text = fmt.Sprint(p.Inputs["do"])
			}
			switch verb, rest, _ := strings.Cut(text, " "); verb {
			case "exit":
				os.Exit(7)
			case "fail":
				send(map[string]any{"id": m.ID, "error": map[string]any{"code": 1, "message": rest}})
			case "emit":
				send(map[string]any{"method": "emit", "params": map[string]any{"event": "helper.news", "session": "s1", "data": map[string]any{"n": 1}}})
				send(map[string]any{"id": m.ID, "result": "told"})
			case "wait":
				send(map[string]any{"method": "chunk", "params": map[string]any{"id": m.ID, "text": "waiting"}})
			case "ask":
				send(map[string]any{"id": 1, "method": "call", "params": map[string]any{"id": m.ID, "component": rest, "data": "?"}})
				in.Scan()
				send(map[string]any{"id": m.ID, "result": in.Text()})
			default:
				send(map[string]any{"method": "chunk", "params": map[string]any{"id": m.ID, "text": p.Role}})
				send(map[string]any{"id": m.ID, "result": string(m.Params)})
			}
		}
	}
}

type fatal struct {
	status int
	reason string
}

type lockedLog struct {
	mu sync.Mutex
	b  strings.Builder
}

func (l *lockedLog) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

type started struct {
	component.Kind
	traits component.Traits
	log    lockedLog
	pids   []int
	fatal  chan fatal
}

func start(t *testing.T, config map[string]any) (*started, error) {
	t.Helper()
	kind, err := process.New(component.Spec{
		Name: "helper", Kind: "custom", Type: "process", Instance: "helper-abcd", Generation: 2, Config: config,
		App: component.App{Name: "app", Dir: t.TempDir(), Tag: "tag"},
	})
	if err != nil {
		return nil, err
	}
	s := &started{Kind: kind, fatal: make(chan fatal, 1)}
	t.Cleanup(func() { kind.Close(context.Background()) })
	s.traits, err = kind.Start(t.Context(), component.Env{
		Log: slog.New(slog.NewTextHandler(io.Discard, nil)), Stdout: &s.log, Stderr: &s.log,
		Fatal:     func(status int, reason error) { s.fatal <- fatal{status, reason.Error()} },
		Processes: func(guard, child int, groups []int) { s.pids = append([]int{guard, child}, groups...) },
	})
	return s, err
}

func executable(t *testing.T) string {
	t.Helper()
	path, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	return path
}

func helper(t *testing.T) *started {
	t.Helper()
	s, err := start(t, map[string]any{
		"command": []any{executable(t), "component"}, "env": map[string]any{"MOOD": "good"}, "config": map[string]any{"k": []any{1.0}},
	})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestWhatAProcessIsToldAndSaysOfItself(t *testing.T) {
	s := helper(t)
	want := component.Traits{Capabilities: []string{"text"}, InputEvents: []string{"a"}, OutputEvents: []string{"b"}, MaxConcurrent: 1000, SideEffects: true}
	if d := cmp.Diff(want, s.traits); d != "" {
		t.Error(d)
	}
	if len(s.pids) != 4 || s.pids[0] != s.pids[2] || s.pids[1] != s.pids[3] || s.pids[0] == s.pids[1] {
		t.Errorf("pids %v, want guard, child and the group of each", s.pids)
	}
	if err := s.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
	told := regexp.MustCompile(`"dir":"[^"]*"`).ReplaceAllString(s.log.b.String(), `"dir":"…"`)
	wantTold := `{"protocol":1,"component":{"name":"helper","kind":"custom","type":"process","instance":"helper-abcd","generation":2,"restarts":0},` +
		`"app":{"name":"app","dir":"…"},"config":{"k":[1]}}` + "\ngood\n"
	if told != wantTold {
		t.Errorf("told %s\nwant %s", told, wantTold)
	}
}

func TestATurnAndACall(t *testing.T) {
	s := helper(t)
	var pieces []string
	got, err := s.Handle(t.Context(), component.Task{Turn: "t1", Session: "s1", Branch: "0/2", Attempt: 2, ContentType: "text/plain", Body: []byte("hi"), Chunk: func(p string) { pieces = append(pieces, p) }})
	want := `{"role":"hop","session":"s1","turn":"t1","branch":"0/2","attempt":2,"content_type":"text/plain","data":"hi"}`
	if err != nil || string(got.Body) != want || got.ContentType != "text/plain" || !cmp.Equal(pieces, []string{"hop"}) {
		t.Errorf("got %s (%s) after %q, %v\nwant %s", got.Body, got.ContentType, pieces, err, want)
	}
	got, err = s.Kind.(component.Answerer).Answer(t.Context(), component.Question{ID: "t1/x/1", From: "agent", Turn: "t1", Session: "s1", ContentType: "application/json", Body: []byte(`{"a":1}`)})
	want = `{"role":"call","session":"s1","turn":"t1","from":"agent","key":"t1/x/1","attempt":1,"content_type":"application/json","data":{"a":1}}`
	if err != nil || string(got.Body) != want {
		t.Errorf("got %s, %v\nwant %s", got.Body, err, want)
	}
}

func TestAProcessAsksOthersWithinItsTurn(t *testing.T) {
	s := helper(t)
	got, err := s.Handle(t.Context(), component.Task{Body: []byte("ask llm"), Ask: func(_ context.Context, q component.Request) (component.Result, error) {
		return component.Result{ContentType: "text/plain", Body: []byte(q.To + " says " + string(q.Body))}, nil
	}})
	if want := `{"jsonrpc":"2.0","id":1,"result":{"content_type":"text/plain","data":"llm says ?"}}`; err != nil || string(got.Body) != want {
		t.Errorf("got %s, %v\nwant %s", got.Body, err, want)
	}
}

func TestADeathIsBlamedOnTheOneTurnItHappenedWith(t *testing.T) {
	s := helper(t)
	_, err := s.Handle(t.Context(), component.Task{Body: []byte("exit")})
	if !errors.Is(err, component.ErrCrashed) || !strings.HasSuffix(err.Error(), "the process ended: exit status 7") {
		t.Errorf("got %v, want ErrCrashed", err)
	}
	if got := <-s.fatal; got != (fatal{7, "the process ended: exit status 7"}) {
		t.Errorf("the runner was told %+v", got)
	}
	if _, err := s.Handle(t.Context(), component.Task{}); !errors.Is(err, component.ErrInterrupted) {
		t.Errorf("a turn that comes too late: %v, want ErrInterrupted", err)
	}
}

func TestADeathWithSeveralTurnsIsNobodysFault(t *testing.T) {
	s := helper(t)
	waits, waited := make(chan string, 1), make(chan error, 1)
	go func() {
		_, err := s.Handle(t.Context(), component.Task{Body: []byte("wait"), Chunk: func(p string) { waits <- p }})
		waited <- err
	}()
	<-waits
	_, err := s.Handle(t.Context(), component.Task{Body: []byte("exit")})
	for _, err := range []error{err, <-waited} {
		if !errors.Is(err, component.ErrInterrupted) || errors.Is(err, component.ErrCrashed) {
			t.Errorf("got %v, want ErrInterrupted", err)
		}
	}
	<-s.fatal
}

func handy(t *testing.T) *started {
	t.Helper()
	s, err := start(t, map[string]any{"command": []any{executable(t), "component"}, "env": map[string]any{"MOOD": "handy"}})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestAgentsCallItsTools(t *testing.T) {
	s := handy(t)
	said, err := s.Kind.(component.Describer).Describe(t.Context())
	if want := `{"text":"helps","functions":[{"name":"add","description":"Adds.","parameters":{"type":"object"}}]}`; err != nil || string(said.Body) != want {
		t.Errorf("described as %s, %v\nwant %s", said.Body, err, want)
	}
	answer := func(body string, ask func(context.Context, component.Request) (component.Result, error)) string {
		got, err := s.Kind.(component.Answerer).Answer(t.Context(), component.Question{ID: "k", From: "agent", ContentType: "application/json", Body: []byte(body), Chunk: func(string) {}, Ask: ask})
		if err != nil {
			t.Errorf("%s: %v", body, err)
		}
		return got.ContentType + ": " + string(got.Body)
	}
	const ok = `text/plain: {"role":"call","session":"","turn":"","from":"agent","key":"k","attempt":1,"tool":"add","inputs":{"do":"it"},` +
		`"content_type":"application/json","data":{"action":"add","inputs":{"do":"it"}}}`
	for body, want := range map[string]string{
		`{"action":"add","inputs":{"do":"it"}}`:      ok,
		`{"action":"add","inputs":{"do":"fail no"}}`: "text/x-ww-failure: no",
		`{"action":"sub","inputs":{}}`:               `text/x-ww-failure: there is no function "sub"; the functions are: add`,
	} {
		if got := answer(body, nil); got != want {
			t.Errorf("%s\ngot  %s\nwant %s", body, got, want)
		}
	}
	got := answer(`{"action":"add","inputs":{"do":"ask llm"}}`, func(_ context.Context, q component.Request) (component.Result, error) {
		return component.Result{ContentType: "text/plain", Body: []byte(q.To + " says")}, nil
	})
	if want := `text/plain: {"jsonrpc":"2.0","id":1,"result":{"content_type":"text/plain","data":"llm says"}}`; got != want {
		t.Errorf("a tool that asks: got %s, want %s", got, want)
	}
}

func TestItsEventsAreToldToHooksAndOnTheBus(t *testing.T) {
	kind, err := process.New(component.Spec{Name: "helper", Kind: "custom", Config: map[string]any{"command": []any{executable(t), "component"}}, App: component.App{Dir: t.TempDir()}})
	if err != nil {
		t.Fatal(err)
	}
	bus, hook := make(chan string, 1), make(chan string, 1)
	if _, err := kind.Start(t.Context(), component.Env{
		Log: slog.New(slog.DiscardHandler), Stdout: io.Discard, Stderr: io.Discard, Fatal: func(int, error) {}, Processes: func(int, int, []int) {},
		Spec: component.Spec{Name: "helper", Kind: "custom", Listeners: []component.Listener{{Event: "helper.news", File: "h.py", Function: "f", Owner: "o"}}},
		Emit: func(session, name string, data json.RawMessage) { bus <- session + " " + name + " " + string(data) },
		Ask: func(_ context.Context, q component.Request) (component.Result, error) {
			hook <- q.To + " " + string(q.Body)
			return component.Result{}, nil
		},
	}); err != nil {
		t.Fatal(err)
	}
	defer kind.Close(context.Background())
	if _, err := kind.Handle(t.Context(), component.Task{ContentType: "text/plain", Body: []byte("emit")}); err != nil {
		t.Fatal(err)
	}
	if got := <-bus; got != `s1 helper.news {"n":1}` {
		t.Errorf("on the bus: %s", got)
	}
	got := regexp.MustCompile(`"timestamp":[0-9.e+]*`).ReplaceAllString(<-hook, `"timestamp":0`)
	if want := `o {"file":"h.py","functions":["f"],"event":"helper.news","session":"s1","payload":{"component_id":"helper","component_type":"custom","n":1,"timestamp":0}}`; got != want {
		t.Errorf("a hook hears %s\nwant %s", got, want)
	}
}

func TestDeclarationsThatCannotWork(t *testing.T) {
	for want, config := range map[string]map[string]any{
		`component "helper": property "command" is missing`:             {},
		`property "command" must be a list`:                             {"command": "python3 x.py"},
		`property "env" must be a dictionary`:                           {"command": []any{"x"}, "env": 1.0},
		`property "config" must be a dictionary`:                        {"command": []any{"x"}, "config": "x"},
		`property "ready_timeout" must be a number of seconds`:          {"command": []any{"x"}, "ready_timeout": "soon"},
		`cannot start "no-such-program-anywhere": there is no such pro`: {"command": []any{"no-such-program-anywhere"}},
		`the process ended: exit status 1, before it was ready`:         {"command": []any{"/bin/sh", "-c", "exit 1"}},
		`the component did not say "ready" within 50ms`:                 {"command": []any{"/bin/sh", "-c", "read x; read y"}, "ready_timeout": "50ms"},
	} {
		if _, err := start(t, config); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v\ngot  %v\nwant …%s…", config, err, want)
		}
	}
	_, err := start(t, map[string]any{"command": []any{"no-such-program-anywhere"}})
	var status interface{ ExitStatus() int }
	if !errors.As(err, &status) || status.ExitStatus() != 127 {
		t.Errorf("%v must end the runner with 127", err)
	}
}

// TestTheComponentsOfTheReferenceWork runs what docs/reference/process.md shows to strangers.
func TestTheComponentsOfTheReferenceWork(t *testing.T) {
	page, err := os.ReadFile(filepath.Join("..", "..", "..", "docs", "reference", "process.md"))
	if err != nil {
		t.Fatal(err)
	}
	for language, needs := range map[string]string{"python": "python3", "sh": "sh"} {
		t.Run(language, func(t *testing.T) {
			if _, err := exec.LookPath(needs); err != nil {
				t.Skipf("needs %s on the PATH", needs)
			}
			listings := regexp.MustCompile("(?s)\n```"+language+"\n(.*?)\n```\n").FindAllStringSubmatch(string(page), -1)
			if len(listings) == 0 {
				t.Fatal("the page shows none")
			}
			for i, m := range listings {
				file := filepath.Join(t.TempDir(), "component")
				if err := os.WriteFile(file, []byte(m[1]+"\n"), 0o600); err != nil {
					t.Fatal(err)
				}
				s, err := start(t, map[string]any{"command": []any{needs, file}})
				if err != nil {
					t.Fatalf("listing %d: %v, log %s", i+1, err, s.log.b.String())
				}
				got, err := s.Handle(t.Context(), component.Task{Turn: "t", Session: "s", ContentType: "text/plain", Body: []byte(`say "hé" \ now`), Chunk: func(string) {}})
				if err != nil || !strings.Contains(string(got.Body), "HÉ") && !strings.Contains(string(got.Body), "Hello") {
					t.Errorf("listing %d: got %q, %v, log %s", i+1, got.Body, err, s.log.b.String())
				}
				if err := s.Close(t.Context()); err != nil {
					t.Error(err)
				}
			}
		})
	}
}
