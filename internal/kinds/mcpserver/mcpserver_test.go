package mcpserver_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/modelcontextprotocol/go-sdk/mcp"

	"github.com/woodwork-lang/ww/internal/kinds/tool"
)

func TestToolsResourcesAndPromptsCanBeCalled(t *testing.T) {
	r := started(t, map[string]any{"env": map[string]any{"KEY": "-k"}, "resources": []any{"mem://notes"}})
	for _, c := range []struct {
		name   string
		inputs map[string]any
		want   string
		typ    string
	}{
		{"echo", map[string]any{"text": "hi"}, "hi", tool.Text},
		{"echo", map[string]any{"text": 3}, "text", tool.Failure},
		{"fail", nil, "the shelf is empty", tool.Failure},
		{"nothing", nil, `there is no function "nothing"; the functions are: asks, crash, echo`, tool.Failure},
		{"list_resources", nil, "notes (mem://notes)", tool.Text},
		{"read_resource", map[string]any{"uri": "mem://notes"}, "remember the milk", tool.Text},
		{"read_resource", map[string]any{"uri": "mem://none"}, "not found", tool.Failure},
		{"get_prompt", map[string]any{"name": "hello", "arguments": map[string]any{"who": "Ann"}}, "user: say hello to Ann", tool.Text},
		{"noise", nil, "after the noise", tool.Text},
		{"large", nil, "the answer has 1048576 bytes, at most 524288 are taken", tool.Failure},
	} {
		got, typ, err := r.call(t.Context(), c.name, c.inputs)
		if err != nil || typ != c.typ || !strings.Contains(got, c.want) {
			t.Errorf("%s(%v) = %.200q (%s), %v; want %q (%s)", c.name, c.inputs, got, typ, err, c.want, c.typ)
		}
	}
	said := r.describe(t)
	for _, want := range []string{`"type":"mcp_server"`, "Be careful with {braces}.", "remember the milk", `"name":"read_resource"`, "- text (string, required) - what is said", "- hello:  {who}"} {
		if !strings.Contains(said, want) {
			t.Errorf("the description lacks %q: %s", want, said)
		}
	}
	if log := r.log.String(); !strings.Contains(log, "a print") || !strings.Contains(log, "{broken") {
		t.Errorf("what is no message is no log line: %s", log)
	}
}

func TestAServerSeesOnlyItsOwnVariables(t *testing.T) {
	t.Setenv("OPENAI_API_KEY", "leak")
	r := started(t, map[string]any{"env": map[string]any{"KEY": "-mine-"}})
	if got, _, err := r.call(t.Context(), "whoami", nil); err != nil || !strings.HasSuffix(got, "-mine-") {
		t.Errorf("it saw %q, %v", got, err)
	}
}

func TestReadonlyHidesToolsThatMayChangeSomething(t *testing.T) {
	r := started(t, map[string]any{"readonly": true})
	if got, _, err := r.call(t.Context(), "crash", nil); err != nil || !strings.Contains(got, `no function "crash"; the functions are: echo, list_resources`) {
		t.Errorf("%q, %v", got, err)
	}
}

// Whatever kills a server: the call in flight fails with the reason, and the next one finds a new server.
func TestAServerThatDiesIsStartedAgain(t *testing.T) {
	for name, c := range map[string]struct{ call, why string }{
		"crash":            {"crash", "ended while it worked on srv.crash, and nobody knows how far it came: exit status 7; it is started again"},
		"flood":            {"flood", "more than 8 MB that is no message"},
		"a message of 20M": {"huge", "a message of 2097"},
	} {
		t.Run(name, func(t *testing.T) {
			r := started(t, map[string]any{})
			before, _, _ := r.call(t.Context(), "whoami", nil)
			if _, _, err := r.call(t.Context(), c.call, nil); err == nil || !strings.Contains(err.Error(), c.why) {
				t.Errorf("the call says %v, want %q", err, c.why)
			}
			after, _, err := r.call(t.Context(), "whoami", nil)
			if err != nil || after == before || before == "" {
				t.Errorf("before %q, after %q, %v", before, after, err)
			}
		})
	}
}

// A server that works on one thing at a time and never comes back from it is another one soon.
func TestAServerThatIsStuckIsStartedAgain(t *testing.T) {
	r := started(t, map[string]any{"timeout": 3, "command": []any{executable(t), "server", "single"}})
	before, _, _ := r.call(t.Context(), "whoami", nil)
	if _, _, err := r.call(t.Context(), "stuck", nil); err == nil || !strings.Contains(err.Error(), "srv.stuck: no answer within 3s") {
		t.Errorf("%v", err)
	}
	until(t, r.told, "it was stuck in srv.stuck, which had timed out, and answered no ping within 5s, so it was stopped")
	after, _, err := r.call(t.Context(), "whoami", nil)
	if err != nil || after == before || before == "" {
		t.Errorf("before %q, after %q, %v", before, after, err)
	}
}

// A server that hears of roots works in these, and not in the directories of its own command line.
func TestAServerIsToldNoRootsInPlaceOfItsOwnDirectories(t *testing.T) {
	r := started(t, map[string]any{})
	if got, _, err := r.call(t.Context(), "roots", nil); err != nil || got != "told of roots: false" {
		t.Errorf("%q, %v", got, err)
	}
}

func TestACallThatIsTooSlowIsCanceledAtTheServer(t *testing.T) {
	r := started(t, map[string]any{"timeout": 0.2})
	began := time.Now()
	_, _, err := r.call(t.Context(), "slow", nil)
	if err == nil || !strings.Contains(err.Error(), "srv.slow: no answer within 200ms") || time.Since(began) > 5*time.Second {
		t.Errorf("after %s: %v", time.Since(began), err)
	}
	until(t, r.log.on, "slow was canceled")
	until(t, r.told, "mcp.cancelled")
	if got, _, err := r.call(t.Context(), "echo", map[string]any{"text": "still here"}); got != "still here" {
		t.Errorf("%q, %v", got, err)
	}
}

func TestACallerThatGivesUpCancelsAtTheServer(t *testing.T) {
	r := started(t, map[string]any{})
	ctx, cancel := context.WithCancel(t.Context())
	failed := make(chan error, 1)
	go func() {
		_, _, err := r.call(ctx, "slow", nil)
		failed <- err
	}()
	until(t, r.log.on, "slow begins")
	cancel()
	if err := <-failed; err == nil {
		t.Error("it is answered")
	}
	until(t, r.log.on, "slow was canceled")
}

func TestProgressHoldsTheTimeoutOffAndIsTold(t *testing.T) {
	r := started(t, map[string]any{"timeout": 0.4}) // the call takes 0.6 s
	if got, _, err := r.call(t.Context(), "progress", nil); got != "done" {
		t.Errorf("%q, %v", got, err)
	}
	until(t, r.told, `tool.progress {"action":"progress"`)
}

func TestAToolThatIsAddedLaterIsOffered(t *testing.T) {
	r := started(t, map[string]any{})
	r.call(t.Context(), "grow", nil)
	until(t, r.told, `"status":"changed"`)
	if got, _, err := r.call(t.Context(), "grown", nil); got != "I am new" || !strings.Contains(r.describe(t), `"name":"grown"`) {
		t.Errorf("%q, %v", got, err)
	}
}

func TestAProgramThatIsNotThereFailsTheStart(t *testing.T) {
	_, err := start(t, map[string]any{"command": []any{"/no/such/server"}})
	status, ok := err.(interface{ ExitStatus() int })
	if !ok || status.ExitStatus() != 127 {
		t.Errorf("got %v", err)
	}
}

func TestAServerThatDoesNotComeSaysSoToAgents(t *testing.T) {
	r := started(t, map[string]any{"command": []any{executable(t), "server", "dies"}})
	if said := r.describe(t); !strings.Contains(said, "exit status 3") || !strings.Contains(said, "tried again in") {
		t.Errorf("described as %s", said)
	}
	if _, _, err := r.call(t.Context(), "echo", nil); err == nil || !strings.Contains(err.Error(), "is not there") {
		t.Errorf("a call says %v", err)
	}
	if !strings.Contains(r.log.String(), "no license") {
		t.Errorf("its last words are no log: %s", r.log.String())
	}
}

func TestNothingOfAServerIsLeft(t *testing.T) {
	r := started(t, map[string]any{"command": []any{executable(t), "server", "stubborn"}})
	pids := <-r.pids
	if err := r.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
	for _, pid := range pids {
		if err := syscall.Kill(pid, 0); err == nil {
			t.Errorf("process %d is left", pid)
		}
	}
}

// webServer is a server behind an address that wants a token.
func webServer(t *testing.T, token string) string {
	t.Helper()
	s := faulty()
	h := mcp.NewStreamableHTTPHandler(func(*http.Request) *mcp.Server { return s }, nil)
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if got := r.Header.Get("Authorization"); token != "" && got != "Bearer "+token {
			http.Error(w, "who are you?", http.StatusUnauthorized)
			return
		}
		h.ServeHTTP(w, r)
	}))
	t.Cleanup(srv.Close)
	return srv.URL
}

func TestAServerBehindAnAddress(t *testing.T) {
	r := started(t, map[string]any{"url": webServer(t, "sesame"), "auth": map[string]any{"T": "sesame"}})
	if got, _, err := r.call(t.Context(), "echo", map[string]any{"text": "far"}); got != "far" {
		t.Errorf("%q, %v", got, err)
	}
	r.call(t.Context(), "grow", nil)
	until(t, r.told, `"status":"changed"`)
	if got, _, err := r.call(t.Context(), "grown", nil); got != "I am new" {
		t.Errorf("%q, %v", got, err)
	}
}

func TestAnAddressThatRefusesSaysWhatToDo(t *testing.T) {
	away := httptest.NewServer(http.NotFoundHandler())
	gone := httptest.NewServer(http.NotFoundHandler())
	gone.Close()
	defer away.Close()
	for want, config := range map[string]map[string]any{
		"401 Unauthorized: it wants a token":  {"url": webServer(t, "sesame")},
		"there is no MCP server at this path": {"url": away.URL},
		"connection refused":                  {"url": gone.URL},
		"need T, which neither auth nor env":  {"url": away.URL, "headers": map[string]any{"A": "Bearer {T}"}},
		"need T, which is declared and has no value: set the environment variable": {
			"url": away.URL, "headers": map[string]any{"A": "Bearer {T}"}, "env": map[string]any{"T": nil},
		},
		"does not say what \\\"a/b\\\" is: 404": {"server": "a/b", "registry": away.URL},
	} {
		r := started(t, config)
		if said := r.describe(t); !strings.Contains(said, want) {
			t.Errorf("%v: %s, want %q", config, said, want)
		}
	}
}

func TestARegistrySaysWhereAServerIs(t *testing.T) {
	at := webServer(t, "sesame")
	registry := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.EscapedPath() != "/v0.1/servers/com.example%2Fthing/versions/latest" {
			http.NotFound(w, r)
			return
		}
		w.Write([]byte(`{"server": {"name": "com.example/thing", "remotes": [{"type": "streamable-http", "url": "` + at + `",
			"headers": [{"name": "Authorization", "value": "Bearer {KEY}", "isRequired": true}]}]}}`))
	}))
	defer registry.Close()
	r := started(t, map[string]any{"server": "com.example/thing", "registry": registry.URL, "auth": map[string]any{"KEY": "sesame"}})
	if got, _, err := r.call(t.Context(), "echo", map[string]any{"text": "found"}); got != "found" {
		t.Errorf("%q, %v", got, err)
	}
}

func TestWrongPropertiesNameWhatIsMissing(t *testing.T) {
	for want, config := range map[string]map[string]any{
		"which server?":                       {},
		`"cargo:" is no kind of package`:      {"server": "cargo:x"},
		"must be an http or https address":    {"url": "ftp://x"},
		`property "timeout" must be a number`: {"command": []any{"x"}, "timeout": "soon"},
	} {
		if _, err := start(t, config); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v: %v, want %q", config, err, want)
		}
	}
}
