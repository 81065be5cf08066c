package httpinput_test

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"regexp"
	"strings"
	"sync"
	"testing"

	"github.com/coder/websocket"
	"go.uber.org/goleak"

	"github.com/woodwork-lang/ww/internal/bus"
	"github.com/woodwork-lang/ww/internal/component"
	"github.com/woodwork-lang/ww/internal/event"
	"github.com/woodwork-lang/ww/internal/kinds/events"
	"github.com/woodwork-lang/ww/internal/kinds/httpinput"
	"github.com/woodwork-lang/ww/internal/turn"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// app is a bus with an app behind it: it answers a turn with its own text, by these rules.
type app struct {
	bus.Bus
	mu    sync.Mutex
	asked []event.Message
	hold  chan struct{} // "wait" waits for it
	said  chan event.UserAnswer
}

func (a *app) Call(ctx context.Context, to string, m event.Message, onPush func(event.Message)) (event.Message, error) {
	a.mu.Lock()
	a.asked = append(a.asked, m)
	a.mu.Unlock()
	if m.Type == event.TypeSay {
		var answer event.UserAnswer
		if err := json.Unmarshal(m.Body, &answer); err != nil {
			return event.Message{}, err
		}
		a.said <- answer
		return event.Message{}, nil
	}
	end := event.End{Turn: m.Turn, Session: m.Session, Status: event.StatusOK, Answer: "echo " + string(m.Body)}
	push := func(typ string, v any) {
		b, _ := json.Marshal(v)
		onPush(event.Message{Header: event.Header{Type: typ, Turn: m.Turn}, Body: b})
	}
	if string(m.Body) != "nobody" {
		push(event.TypeAccepted, event.Accepted{Turn: m.Turn})
	}
	switch string(m.Body) {
	case "drain":
		return event.Message{}, &bus.Error{Code: bus.Draining, To: to, Reason: "app is stopping"}
	case "fail":
		end.Status, end.Answer, end.Error = event.StatusFailed, "", "brain: no"
	case "late":
		end.Status, end.Answer, end.Error = event.StatusTimeout, "", "too late"
	case "ask":
		push(event.TypeQuestion, event.UserQuestion{ID: "q-1", Turn: m.Turn, Component: "ag", Text: "Which colour?", TimeoutMS: 60_000})
		said := <-a.said
		push(event.TypeSay, said)
		end.Answer = "so " + said.Text
	case "stream":
		push(event.TypeChunk, event.Chunk{Stream: "x", Text: "echo "})
	case "wait", "nobody":
		select {
		case <-a.hold:
		case <-ctx.Done():
			return event.Message{}, ctx.Err()
		}
	}
	return end.Message(""), nil
}

func (a *app) turns() []event.Message {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.asked
}

type door struct {
	component.Kind
	app  *app
	url  string
	http http.Client
}

// open starts a door on a port of the kernel's choice.
func open(t *testing.T, config map[string]any) *door {
	t.Helper()
	config["port"] = 0.0
	spec := component.Spec{
		Name: "web", Kind: "input", Type: "api", Instance: "web-1", Config: config, App: component.App{Name: "app"},
		Reach: []string{"brain"}, To: []component.Target{{Name: "brain"}}, Listeners: []component.Listener{{Event: "x", File: "h.py"}, {Event: "x", File: "h.py", Pipe: true}},
	}
	kind, err := httpinput.New(spec)
	if err != nil {
		t.Fatal(err)
	}
	var log strings.Builder
	d := &door{Kind: kind, app: &app{hold: make(chan struct{}), said: make(chan event.UserAnswer, 1)}}
	if _, err := kind.Start(t.Context(), component.Env{
		Spec: spec, Log: slog.New(slog.NewTextHandler(&log, nil)), Turns: &turn.Client{Bus: d.app},
		Fatal: func(_ int, why error) { t.Error(why) },
	}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		d.http.CloseIdleConnections()
		if err := kind.Close(context.Background()); err != nil {
			t.Error(err)
		}
	})
	d.http.Transport = &http.Transport{}
	d.url = regexp.MustCompile(`http://[^/]*`).FindString(log.String())
	return d
}

// send is one request; headers are "Name: value".
func (d *door) send(t *testing.T, method, path, body string, headers ...string) (int, map[string]any, http.Header) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, d.url+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	for _, h := range headers {
		name, value, _ := strings.Cut(h, ": ")
		if name == "Host" {
			r.Host = value
		}
		r.Header.Set(name, value)
	}
	resp, err := d.http.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	b, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	var got map[string]any
	if len(b) > 0 {
		if err := json.Unmarshal(b, &got); err != nil {
			t.Fatalf("%s %s: not JSON: %s", method, path, b)
		}
	}
	return resp.StatusCode, got, resp.Header
}

func TestATextIsHandedInAndAnswered(t *testing.T) {
	d := open(t, map[string]any{"routes": map[string]any{"ask": "brain"}})
	for _, tt := range []struct {
		name, path, body string
		status           int
		want             string // of the reply, as %v
	}{
		{"a text", "/input", `{"input":"hi"}`, 200, "status:success"},
		{"its answer", "/input", `{"input":"hi"}`, 200, "response:echo hi"},
		{"the words of old", "/input", `{"input":"hi"}`, 200, "message:Input processed"},
		{"a session", "/input", `{"input":"hi","session_id":"mine"}`, 200, "session_id:mine"},
		{"a route", "/ask", `{"input":"hi"}`, 200, "response:echo hi"},
		{"no text", "/input", `{}`, 400, "error:Input is required"},
		{"blanks", "/input", `{"input":"  "}`, 400, "error:Input is required"},
		{"no JSON", "/input", `hi`, 500, "error:the body is not JSON"},
		{"too long", "/input", `{"input":"` + strings.Repeat("x", 1<<20) + `"}`, 413, "error:the body has more than 1048576 bytes"},
		{"a session that is a path", "/input", `{"input":"hi","session_id":"../x"}`, 400, "error:session_id is"},
		{"a turn that fails", "/input", `{"input":"fail"}`, 500, "error:brain: no"},
		{"how it ended", "/input", `{"input":"fail"}`, 500, "status:failed"},
		{"a turn that takes too long", "/input", `{"input":"late"}`, 504, "status:timeout"},
		{"an app that stops", "/input", `{"input":"drain"}`, 503, "error:web does not take the turn: app is stopping"},
		{"a wrong path", "/inputs", `{"input":"hi"}`, 404, "error:there is no POST /inputs; there are: POST /input"},
	} {
		status, got, _ := d.send(t, "POST", tt.path, tt.body)
		if status != tt.status || !strings.Contains(fmt.Sprint(got), tt.want) {
			t.Errorf("%s: got %d %v, want %d with %s", tt.name, status, got, tt.status, tt.want)
		}
	}
	chains := map[string]string{}
	for _, m := range d.app.turns() {
		chains[m.Chain] = m.Subject
	}
	if chains[""] != "web" || chains["brain"] != "web" || len(chains) != 2 {
		t.Errorf("chains %v, want none for /input and brain for /ask", chains)
	}
}

func TestADoorSaysWhatItIsAndHowItIs(t *testing.T) {
	d := open(t, map[string]any{"endpoint": "chat"})
	_, root, _ := d.send(t, "GET", "/", "")
	if got, want := fmt.Sprint(root["endpoints"]), "map[health:/health rest_input:/input websocket:/chat]"; got != want || root["component"] != "api_input" {
		t.Errorf("got %v, want endpoints %s", root, want)
	}
	_, health, _ := d.send(t, "GET", "/health", "")
	stats, _ := health["event_bus_stats"].(map[string]any)
	for _, key := range strings.Split("events_emitted components_registered routes_processed hooks_executed components_count "+
		"routing_table_size total_routes hook_subscriptions pipe_subscriptions event_subscriptions", " ") {
		if _, ok := stats[key].(float64); !ok {
			t.Errorf("event_bus_stats lacks %s: %v", key, stats)
		}
	}
	if health["status"] != "healthy" || health["component"] != "web" || health["websocket_sessions"] != 0.0 || stats["hook_subscriptions"] != 1.0 {
		t.Errorf("got %v", health)
	}
	if status, got, _ := d.send(t, "GET", "/input", ""); status != 426 {
		t.Errorf("GET /input without an upgrade: %d %v, want 426", status, got)
	}
}

func TestWhoMayKnock(t *testing.T) {
	plain, secret := open(t, map[string]any{"allow_origins": []any{"https://app.example"}}), open(t, map[string]any{"token": "s3cret"})
	for _, tt := range []struct {
		name   string
		door   *door
		path   string
		header string
		status int
	}{
		{"a program", plain, "/health", "X: y", 200},
		{"by name", plain, "/health", "Host: localhost:8000", 200},
		{"by a name that a page has bound anew", plain, "/health", "Host: evil.example", 403},
		{"a page of this machine", plain, "/health", "Origin: http://localhost:3000", 200},
		{"a page that is named", plain, "/health", "Origin: https://app.example", 200},
		{"a page of elsewhere", plain, "/health", "Origin: https://evil.example", 403},
		{"a page of nowhere", plain, "/health", "Origin: null", 403},
		{"a page whose name begins like ours", plain, "/health", "Origin: http://localhost.evil.example", 403},
		{"without the token", secret, "/health", "X: y", 401},
		{"with another one", secret, "/health", "Authorization: Bearer s3cre", 401},
		{"with it", secret, "/health", "Authorization: Bearer s3cret", 200},
		{"with it in the address", secret, "/health?token=s3cret", "X: y", 200},
	} {
		if status, got, _ := tt.door.send(t, "GET", tt.path, "", tt.header); status != tt.status {
			t.Errorf("%s: got %d %v, want %d", tt.name, status, got, tt.status)
		}
	}
	status, _, h := secret.send(t, "OPTIONS", "/input", "", "Origin: http://127.0.0.1:3000", "Access-Control-Request-Method: POST")
	if status != 204 || h.Get("Access-Control-Allow-Origin") != "http://127.0.0.1:3000" || !strings.Contains(h.Get("Access-Control-Allow-Headers"), "Authorization") {
		t.Errorf("a preflight got %d %v", status, h)
	}
}

// client is one end of a WebSocket.
type client struct {
	*websocket.Conn
	t *testing.T
}

func (d *door) dial(t *testing.T, query string) *client {
	t.Helper()
	c, _, err := websocket.Dial(t.Context(), d.url+"/input"+query, &websocket.DialOptions{HTTPClient: &d.http}) //nolint:bodyclose // it is the connection
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.CloseNow() })
	return &client{c, t}
}

func (c *client) say(text string) {
	c.t.Helper()
	if err := c.Write(c.t.Context(), websocket.MessageText, []byte(text)); err != nil {
		c.t.Fatal(err)
	}
}

type heard struct {
	Event, Sender string
	Session       string `json:"session_id"`
	Timestamp     float64
	Payload       map[string]any
}

func (c *client) hear() heard {
	c.t.Helper()
	_, b, err := c.Read(c.t.Context())
	if err != nil {
		c.t.Fatal(err)
	}
	var h heard
	if err := json.Unmarshal(b, &h); err != nil {
		c.t.Fatal(err)
	}
	return h
}

// emit is an event of the app.
func (d *door) emit(t *testing.T, name, session, sender string, payload map[string]any) {
	t.Helper()
	payload["component_id"], payload["timestamp"] = sender, 1.5
	raw, _ := json.Marshal(payload)
	body, _ := json.Marshal(events.Delivery{Event: name, Session: session, Payload: raw})
	if _, err := d.Kind.(component.Answerer).Answer(t.Context(), component.Question{Type: events.TypeHook, Body: body}); err != nil {
		t.Fatal(err)
	}
}

func TestAConversationOverAWebSocket(t *testing.T) {
	d := open(t, map[string]any{})
	c := d.dial(t, "")
	hello := c.hear()
	session, _ := hello.Payload["session_id"].(string)
	if hello.Event != "session.connected" || !regexp.MustCompile(`^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$`).MatchString(session) {
		t.Fatalf("greeted with %+v", hello)
	}
	// What says nothing, then everything that says something.
	for _, text := range []string{"", "  ", "42", "[1]", `{"type":"dance"}`, `{"input":""}`, `{"type":"input"}`} {
		c.say(text)
	}
	for text, want := range map[string]string{
		`{"type":"user_input","input":"a"}`: "echo a", `{"input":"b"}`: "echo b", `{"type":"input","data":"c"}`: "echo c", `plain d`: "echo plain d", `"e"`: "echo e",
	} {
		c.say(text)
		if got := c.hear(); got.Event != "turn.end" || got.Payload["response"] != want || got.Session != session {
			t.Errorf("%s: got %+v, want %q", text, got, want)
		}
	}
	c.say("stream")
	if got := c.hear(); got.Event != "stream.chunk" || got.Payload["data"] != "echo " {
		t.Errorf("a piece is %+v", got)
	}
	c.hear()
	c.say("fail")
	if got := c.hear(); got.Event != "agent.error" || got.Payload["error"] != "brain: no" {
		t.Errorf("a failure is %+v", got)
	}
	for _, m := range d.app.turns() {
		if m.Session != session {
			t.Errorf("a turn of session %s, want that of the connection", m.Session)
		}
	}
}

func TestAQuestionIsAnsweredOverTheSameWebSocket(t *testing.T) {
	d := open(t, map[string]any{})
	c := d.dial(t, "?session_id=mine")
	c.hear()
	c.say("ask")
	q := c.hear()
	if q.Event != "user.input.request" || q.Sender != "ag" || q.Payload["question"] != "Which colour?" || q.Payload["request_id"] != "q-1" || q.Payload["timeout_seconds"] != 60.0 {
		t.Fatalf("asked with %+v", q)
	}
	c.say(`{"input":"red","request_id":"q-7"}`)
	if got := c.hear(); got.Event != "agent.error" || !strings.Contains(fmt.Sprint(got.Payload["error"]), "question q-7 is not open in this session") {
		t.Errorf("an answer to no question: %+v", got)
	}
	c.say(`{"type":"user_input","input":"red","request_id":"q-1"}`)
	if got := c.hear(); got.Event != "user.input.response" || got.Payload["response"] != "red" {
		t.Errorf("the answer is told as %+v", got)
	}
	if got := c.hear(); got.Event != "turn.end" || got.Payload["response"] != "so red" {
		t.Errorf("the turn ends with %+v", got)
	}
}

func TestEventsGoToTheirSession(t *testing.T) {
	d := open(t, map[string]any{})
	mine, theirs := d.dial(t, "?session_id=mine"), d.dial(t, "?session_id=theirs")
	mine.hear()
	theirs.hear()
	d.emit(t, "agent.response", "mine", "ag", map[string]any{"data": map[string]any{"response": "yes"}})
	got := mine.hear()
	data, _ := got.Payload["data"].(map[string]any)
	if got.Event != "agent.response" || got.Sender != "ag" || got.Session != "mine" || got.Timestamp != 1.5 || data["response"] != "yes" {
		t.Errorf("got %+v", got)
	}
	theirs.say(`{"type":"subscribe","sessions":["*"]}`)
	theirs.say(`{"type":"subscribe","components":["ag"]}`)
	theirs.say("x") // its end says that the two were read
	for got.Event != "turn.end" {
		got = theirs.hear()
	}
	d.emit(t, "agent.thought", "mine", "other", map[string]any{})
	d.emit(t, "agent.thought", "mine", "ag", map[string]any{"thought": "hm"})
	if got := theirs.hear(); got.Sender != "ag" || got.Payload["thought"] != "hm" {
		t.Errorf("got %+v, want what ag thinks, and nothing of the other one", got)
	}
}

// A turn that nobody has taken does not go on, and the caller is not told that it does.
func TestAClosingDoorDoesNotPromiseWhatNobodyHasTaken(t *testing.T) {
	d := open(t, map[string]any{})
	replies := make(chan string, 1)
	go func() {
		status, got, _ := d.send(t, "POST", "/input", `{"input":"nobody"}`)
		replies <- fmt.Sprintf("%d %v %v", status, got["status"], got["error"])
	}()
	for len(d.app.turns()) == 0 {
		d.send(t, "GET", "/health", "")
	}
	if err := d.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
	if got, want := <-replies, "503 <nil> this door closes before anybody has said that the turn is taken; ask again"; got != want {
		t.Errorf("who waits is told %q, want %q", got, want)
	}
}

func TestAClosingDoorSaysSo(t *testing.T) {
	d := open(t, map[string]any{})
	c := d.dial(t, "")
	c.hear()
	replies := make(chan string, 1)
	began := make(chan struct{})
	go func() {
		close(began)
		status, got, _ := d.send(t, "POST", "/input", `{"input":"wait"}`)
		replies <- fmt.Sprintf("%d %v %v", status, got["status"], got["error"])
	}()
	<-began
	for len(d.app.turns()) == 0 {
		d.send(t, "GET", "/health", "")
	}
	if err := d.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
	if got, want := <-replies, "503 pending the app is stopping; the turn goes on when it is back"; got != want {
		t.Errorf("who waits is told %q, want %q", got, want)
	}
	if _, _, err := c.Read(t.Context()); websocket.CloseStatus(err) != websocket.StatusServiceRestart {
		t.Errorf("the WebSocket ends with %v, want the status of a restart", err)
	}
}

func TestDoorsThatCannotWork(t *testing.T) {
	taken := open(t, map[string]any{})
	_, port, _ := strings.Cut(strings.TrimPrefix(taken.url, "http://"), ":")
	number := 0.0
	fmt.Sscan(port, &number)
	for want, config := range map[string]map[string]any{
		`host "0.0.0.0" lets other machines in: set "token"`: {"host": "0.0.0.0"},
		`port 70000: ports end at 65535`:                     {"port": 70000.0},
		`routes: "ask" must name a component`:                {"routes": map[string]any{"ask": 1.0}},
		"port " + port + " is already in use":                {"port": number},
		"this machine has no address 203.0.113.1":            {"host": "203.0.113.1", "token": "x", "port": 0.0},
	} {
		kind, err := httpinput.New(component.Spec{Name: "web", Config: config})
		if err == nil {
			_, err = kind.Start(t.Context(), component.Env{Log: slog.New(slog.DiscardHandler)})
		}
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v: got %v, want %s", config, err, want)
		}
	}
}
