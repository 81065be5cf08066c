package httpinput

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"slices"
	"strings"

	"github.com/woodwork-lang/ww/internal/event"
	"github.com/woodwork-lang/ww/internal/turn"
)

// maxBody bounds a request: a message of the app has at most so much.
const maxBody = 1 << 20

// mux is what is behind the guard.
func (d *door) mux() http.Handler {
	m := http.NewServeMux()
	m.HandleFunc("GET "+inputPath, d.connect)
	if d.endpoint != inputPath {
		m.HandleFunc("GET "+d.endpoint, d.connect)
	}
	m.HandleFunc("POST "+inputPath, func(w http.ResponseWriter, r *http.Request) { d.post(w, r, "") })
	for path, name := range d.routes {
		if path == inputPath {
			continue
		}
		chain := event.MakeChain([]string{name})
		m.HandleFunc("POST "+path, func(w http.ResponseWriter, r *http.Request) { d.post(w, r, chain) })
	}
	m.HandleFunc("GET /health", d.health)
	m.HandleFunc("GET /{$}", d.describe)
	m.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) { refuse(w, http.StatusNotFound, d.noSuch(r)) })
	return m
}

// posted is the body of a request.
type posted struct {
	Input   string `json:"input"`
	Session string `json:"session_id"`
}

// answered is the reply to one whose turn went well.
type answered struct {
	Status   string         `json:"status"`
	Message  string         `json:"message"`
	Response string         `json:"response"`
	Outputs  []event.Output `json:"outputs,omitempty"`
	Session  string         `json:"session_id"`
	Turn     string         `json:"turn"`
}

// failed is every other reply.
type failed struct {
	Error   string `json:"error"`
	Status  string `json:"status,omitempty"` // how the turn ended
	Session string `json:"session_id,omitempty"`
	Turn    string `json:"turn,omitempty"`
}

// post takes a text and answers when its turn has ended.
func (d *door) post(w http.ResponseWriter, r *http.Request, chain string) {
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
	if err != nil {
		refuse(w, http.StatusRequestEntityTooLarge, errBody(err))
		return
	}
	var p posted
	switch err := json.Unmarshal(body, &p); {
	case err != nil:
		refuse(w, http.StatusInternalServerError, errJSON(err)) // the status that old clients know
		return
	case strings.TrimSpace(p.Input) == "":
		refuse(w, http.StatusBadRequest, errNoInput)
		return
	case p.Session != "" && !plain(p.Session):
		refuse(w, http.StatusBadRequest, errSession)
		return
	case p.Session == "":
		p.Session = turn.NewSession()
	}
	ctx, stop := d.until(r.Context())
	defer stop()
	t := turn.Turn{ID: turn.NewID(), Session: p.Session, Text: p.Input, To: d.name, Chain: chain}
	end, err := d.ask(ctx, t, turn.Follow{})
	d.reply(w, t, end, err)
}

// until is ctx, and over when the door closes.
func (d *door) until(ctx context.Context) (context.Context, func()) {
	ctx, cancel := context.WithCancel(ctx)
	stop := context.AfterFunc(d.ctx, cancel)
	return ctx, func() {
		stop()
		cancel()
	}
}

// ask does not end the turn when ctx does: it was accepted.
func (d *door) ask(ctx context.Context, t turn.Turn, f turn.Follow) (event.End, error) {
	d.mu.Lock()
	d.turns++
	d.mu.Unlock()
	return d.env.Turns.Ask(ctx, t, f)
}

func (d *door) reply(w http.ResponseWriter, t turn.Turn, end event.End, err error) {
	var refused *turn.RefusedError
	var late *turn.LateError
	switch {
	case errors.As(err, &refused):
		w.Header().Set("Retry-After", "1")
		write(w, http.StatusServiceUnavailable, failed{Error: refused.Error(), Session: t.Session})
	case errors.As(err, &late) && !late.Accepted:
		w.Header().Set("Retry-After", "1")
		write(w, http.StatusServiceUnavailable, failed{Error: errNotTaken.Error(), Session: t.Session})
	case err != nil:
		write(w, http.StatusServiceUnavailable, failed{Error: errClosing.Error(), Status: string(event.StatusPending), Session: t.Session, Turn: t.ID})
	case end.Status != event.StatusOK:
		write(w, statusOf(end.Status), failed{Error: end.Error, Status: string(end.Status), Session: t.Session, Turn: t.ID})
	default:
		write(w, http.StatusOK, answered{"success", "Input processed", end.Answer, end.Outputs, t.Session, t.ID})
	}
}

func statusOf(s event.Status) int {
	switch s {
	case event.StatusTimeout:
		return http.StatusGatewayTimeout
	case event.StatusCanceled:
		return http.StatusConflict
	}
	return http.StatusInternalServerError
}

// health says how the door is.
func (d *door) health(w http.ResponseWriter, _ *http.Request) {
	d.mu.Lock()
	sockets, told, turns := len(d.sockets), d.told, d.turns
	d.mu.Unlock()
	hooks, pipes := 0, 0
	for _, l := range d.env.Spec.Listeners {
		switch {
		case l.Pipe:
			pipes++
		case l.File != "":
			hooks++
		}
	}
	reach := len(d.env.Spec.Reach) + 1
	write(w, http.StatusOK, map[string]any{
		"status": "healthy", "component": d.name, "websocket_sessions": sockets,
		"event_bus_stats": map[string]int{
			"events_emitted": told, "components_registered": reach, "routes_processed": turns, "hooks_executed": told,
			"components_count": reach, "routing_table_size": reach, "total_routes": len(d.routes) + len(d.env.Spec.To),
			"hook_subscriptions": hooks, "pipe_subscriptions": pipes, "event_subscriptions": len(Told()),
		},
	})
}

func (d *door) describe(w http.ResponseWriter, _ *http.Request) {
	endpoints := map[string]string{"websocket": d.endpoint, "rest_input": inputPath, "health": "/health"}
	for path, name := range d.routes {
		endpoints[name] = path
	}
	write(w, http.StatusOK, map[string]any{
		"component": "api_input", "description": "the door " + d.name + " of the app " + d.env.Spec.App.Name, "endpoints": endpoints,
	})
}

// plain says whether a session id is one that people can write: it becomes part of names.
func plain(id string) bool {
	const most = 128
	return len(id) <= most && !strings.ContainsFunc(id, func(r rune) bool {
		return !(r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || slices.Contains([]rune("._:-@"), r))
	})
}

func refuse(w http.ResponseWriter, status int, err error) {
	write(w, status, failed{Error: err.Error()})
}

func write(w http.ResponseWriter, status int, v any) {
	b, err := json.Marshal(v)
	if err != nil {
		panic("httpinput: a reply is plain data: " + err.Error())
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	w.Write(append(b, '\n')) //nolint:errcheck // who has gone does not need it
}
