package httpinput

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/coder/websocket"

	"github.com/woodwork-lang/ww/internal/event"
	"github.com/woodwork-lang/ww/internal/kinds/events"
	"github.com/woodwork-lang/ww/internal/turn"
)

// mostWaiting is how many events may wait for one who reads slowly; then the connection is closed, and the client comes
// again.
const mostWaiting = 1024

// A socket is one WebSocket: a session.
type socket struct {
	door    *door
	conn    *websocket.Conn
	session string
	out     chan []byte
	gone    context.CancelCauseFunc // nothing more is to be sent
	cut     context.CancelFunc      // nothing more is to be read: the connection ends at once

	mu         sync.Mutex
	components []string             // whose events are wanted; "*": everybody's
	everybody  bool                 // events of all sessions are wanted
	asked      map[string]turn.Turn // the turns that have asked the user something, by the question
}

// outgoing is an event as it is sent.
type outgoing struct {
	Event     string  `json:"event"`
	Payload   any     `json:"payload"`
	Sender    string  `json:"sender,omitempty"`
	Session   string  `json:"session_id,omitempty"`
	Timestamp float64 `json:"timestamp,omitempty"`
}

// connect is a new connection.
func (d *door) connect(w http.ResponseWriter, r *http.Request) {
	if !strings.EqualFold(r.Header.Get("Upgrade"), "websocket") {
		w.Header().Set("Upgrade", "websocket")
		refuse(w, http.StatusUpgradeRequired, errUpgrade)
		return
	}
	session := r.URL.Query().Get("session_id")
	switch {
	case session == "":
		session = newUUID()
	case !plain(session):
		refuse(w, http.StatusBadRequest, errSession)
		return
	}
	conn, err := websocket.Accept(w, r, &websocket.AcceptOptions{InsecureSkipVerify: true}) // the guard has looked at its origin
	if err != nil {
		return // the client was told
	}
	conn.SetReadLimit(maxBody)
	ctx, gone := context.WithCancelCause(d.ctx)
	reading, cut := context.WithCancel(context.Background())
	defer cut()
	s := &socket{door: d, conn: conn, session: session, out: make(chan []byte, mostWaiting), gone: gone, cut: cut, components: []string{"*"}}
	if !d.add(s) {
		_ = conn.Close(websocket.StatusServiceRestart, errClosing.Error())
		return
	}
	defer d.remove(s)
	s.send(outgoing{Event: "session.connected", Payload: map[string]any{"session_id": session, "subscribed_components": []string{"*"}}})
	var work sync.WaitGroup
	work.Go(func() { s.write(ctx) })
	s.read(ctx, reading, &work)
	gone(nil)
	work.Wait()
}

func (d *door) add(s *socket) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.closed {
		return false
	}
	d.sockets[s] = true
	d.serving.Add(1)
	return true
}

func (d *door) remove(s *socket) {
	d.mu.Lock()
	delete(d.sockets, s)
	d.mu.Unlock()
	d.serving.Done()
}

// leave sends the client away, to come again: this instance ends.
func (s *socket) leave() { s.gone(errLeaving) }

// incoming is what a client says.
type incoming struct {
	Type       string   `json:"type"`
	Input      *string  `json:"input"`
	Data       *string  `json:"data"`
	Components []string `json:"components"`
	Sessions   []string `json:"sessions"`
	Request    string   `json:"request_id"` // which question this answers
}

// read takes what comes until the connection ends. One turn of the session is handed in after the other.
func (s *socket) read(ctx, reading context.Context, work *sync.WaitGroup) {
	for {
		kind, b, err := s.conn.Read(reading)
		if err != nil {
			return
		}
		if kind == websocket.MessageText {
			s.take(ctx, b, work)
		}
	}
}

func (s *socket) take(ctx context.Context, b []byte, work *sync.WaitGroup) {
	m, ok := parse(b)
	switch {
	case !ok:
	case m.Type == "subscribe":
		s.subscribe(m)
	case m.Request != "" && (m.Input != nil || m.Data != nil):
		s.answer(ctx, m, work)
	case m.Type == "user_input" && m.Input != nil:
		s.turn(ctx, *m.Input, work)
	case m.Type == "input" && m.Data != nil:
		s.turn(ctx, *m.Data, work)
	case m.Type == "input" && m.Input != nil:
		s.turn(ctx, *m.Input, work)
	}
}

// parse reads a message: an object; anything that is no JSON is what the user says, as is a JSON text. ok is false for what
// says nothing.
func parse(b []byte) (m incoming, ok bool) {
	var whole any
	text := string(b)
	if json.Unmarshal(b, &whole) == nil {
		switch v := whole.(type) {
		case string:
			text = v
		case map[string]any:
			if json.Unmarshal(b, &m) != nil {
				return m, false
			}
			if m.Type == "" {
				m.Type = "user_input"
			}
			return m, true
		default:
			return m, false
		}
	}
	return incoming{Type: "user_input", Input: &text}, true
}

// subscribe narrows what is sent to some components, or widens it to the sessions of others. The first names replace "*".
func (s *socket) subscribe(m incoming) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(m.Components) > 0 {
		if slices.Contains(s.components, "*") {
			s.components = nil
		}
		s.components = append(s.components, m.Components...)
	}
	s.everybody = s.everybody || slices.Contains(m.Sessions, "*")
}

func (s *socket) wants(sender, session string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return (s.everybody || session == s.session) && (slices.Contains(s.components, "*") || slices.Contains(s.components, sender))
}

// turn hands a text in, waits until it is accepted, so that what comes next comes after it, and tells its end.
func (s *socket) turn(ctx context.Context, text string, work *sync.WaitGroup) {
	if strings.TrimSpace(text) == "" {
		return
	}
	t := turn.Turn{ID: turn.NewID(), Session: s.session, Text: text, To: s.door.name}
	accepted := make(chan struct{})
	work.Go(func() {
		end, err := s.door.ask(ctx, t, turn.Follow{
			Accepted: func() { close(accepted) },
			Chunk:    func(c event.Chunk) { s.piece(t, c) },
			Question: func(q event.UserQuestion) { s.question(t, q) },
			Answered: s.answered,
		})
		s.ended(t, end, err)
		select {
		case <-accepted:
		default:
			close(accepted)
		}
	})
	<-accepted
}

func (s *socket) piece(t turn.Turn, c event.Chunk) {
	s.say("stream.chunk", map[string]any{"turn": t.ID, "stream_id": c.Stream, "offset": c.Offset, "data": c.Text, "data_type": "text"})
}

// question is something that the turn asks the user.
func (s *socket) question(t turn.Turn, q event.UserQuestion) {
	s.mu.Lock()
	if s.asked == nil {
		s.asked = map[string]turn.Turn{}
	}
	s.asked[q.ID] = t
	s.mu.Unlock()
	s.send(outgoing{Event: events.UserInputRequest, Sender: q.Component, Session: s.session, Timestamp: stamp(), Payload: map[string]any{
		"question": q.Text, "request_id": q.ID, "session_id": s.session, "timeout_seconds": float64(q.TimeoutMS) / 1000, "turn": t.ID,
	}})
}

// answered is told that a question has its answer, or will have none.
func (s *socket) answered(a event.UserAnswer) {
	s.mu.Lock()
	delete(s.asked, a.ID)
	s.mu.Unlock()
	s.say(events.UserInputResponse, map[string]any{"response": a.Text, "request_id": a.ID, "session_id": s.session})
}

// answer hands in what the user says to a question; one that is not open any more is told so.
func (s *socket) answer(ctx context.Context, m incoming, work *sync.WaitGroup) {
	text := m.Input
	if text == nil {
		text = m.Data
	}
	s.mu.Lock()
	t, open := s.asked[m.Request]
	s.mu.Unlock()
	if !open {
		s.say(events.AgentError, map[string]any{"error": errNoQuestion(m.Request).Error(), "error_type": "Refused", "context": map[string]any{"request_id": m.Request}})
		return
	}
	work.Go(func() {
		if err := s.door.env.Turns.Say(ctx, t, event.UserAnswer{ID: m.Request, Text: *text}); err != nil && ctx.Err() == nil {
			s.say(events.AgentError, map[string]any{"error": err.Error(), "error_type": "Refused", "context": map[string]any{"request_id": m.Request}})
		}
	})
}

func (s *socket) ended(t turn.Turn, end event.End, err error) {
	if err != nil {
		s.say(events.AgentError, map[string]any{"error": err.Error(), "error_type": "Refused", "context": map[string]any{"query": t.Text, "turn": t.ID}})
		return
	}
	if end.Status != event.StatusOK {
		s.say(events.AgentError, map[string]any{"error": end.Error, "error_type": string(end.Status), "context": map[string]any{"query": t.Text, "turn": t.ID}})
	}
	s.say("turn.end", map[string]any{"turn": t.ID, "status": end.Status, "response": end.Answer, "error": end.Error, "took_ms": end.TookMS})
}

// say sends what the door itself has to tell of this session.
func (s *socket) say(name string, payload map[string]any) {
	s.send(outgoing{Event: name, Payload: payload, Sender: s.door.name, Session: s.session, Timestamp: stamp()})
}

func stamp() float64 { return float64(time.Now().UnixMicro()) / 1e6 }

// tell passes an event on to those who want it.
func (d *door) tell(e events.Delivery) {
	var p struct {
		Component string  `json:"component_id"`
		Timestamp float64 `json:"timestamp"`
	}
	if json.Unmarshal(e.Payload, &p) != nil {
		return
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	d.told++
	for s := range d.sockets {
		if s.wants(p.Component, e.Session) {
			s.send(outgoing{Event: e.Event, Payload: e.Payload, Sender: p.Component, Session: e.Session, Timestamp: p.Timestamp})
		}
	}
}

// send never waits.
func (s *socket) send(o outgoing) {
	b, err := json.Marshal(o)
	if err != nil {
		panic("httpinput: an event is plain data: " + err.Error())
	}
	select {
	case s.out <- b:
	default:
		s.gone(errSlow)
	}
}

// writeLimit is how long one message may take to leave.
const writeLimit = 10 * time.Second

// write sends what waits until the connection ends, and closes it with the reason.
func (s *socket) write(ctx context.Context) {
	for {
		select {
		case b := <-s.out:
			limited, cancel := context.WithTimeout(ctx, writeLimit)
			err := s.conn.Write(limited, websocket.MessageText, b)
			cancel()
			if err != nil {
				s.gone(err)
			}
			continue
		case <-ctx.Done():
		}
		switch why := context.Cause(ctx); {
		case errors.Is(why, errSlow):
			s.close(websocket.StatusPolicyViolation, errSlow)
		case errors.Is(why, errLeaving) || s.door.ctx.Err() != nil:
			s.close(websocket.StatusServiceRestart, errLeaving)
		default:
			_ = s.conn.CloseNow()
		}
		return
	}
}

// farewell is how long a client may take to say that it has understood.
const farewell = 300 * time.Millisecond

func (s *socket) close(code websocket.StatusCode, why error) {
	timer := time.AfterFunc(farewell, s.cut)
	defer timer.Stop()
	_ = s.conn.Close(code, why.Error())
}

// newUUID is a random UUID, which old clients expect a session to be.
func newUUID() string {
	var b [16]byte
	rand.Read(b[:])
	b[6], b[8] = b[6]&0x0f|0x40, b[8]&0x3f|0x80
	return fmt.Sprintf("%x-%x-%x-%x-%x", b[:4], b[4:6], b[6:8], b[8:10], b[10:])
}
