package script

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"regexp"
	"strconv"
	"strings"
	"sync"
)

// listen reads messages until stdout ends. It waits for nobody.
func (w *Worker) listen() {
	lines := newLineReader(w.stdout, w.opts.MaxLine)
	for {
		l, err := lines.next()
		if err != nil {
			return
		}
		if l.dropped > 0 {
			w.tooLong(l)
			continue
		}
		m, ok := parseMessage(l.text)
		switch {
		case !ok:
			w.noise(l.text)
		case m.Method == "":
			w.answered(m)
		case m.Method == "call":
			w.asked(m)
		default:
			w.told(m)
		}
	}
}

// noise is output that is no message: it belongs to the log.
func (w *Worker) noise(text []byte) {
	if len(bytes.TrimSpace(text)) > 0 {
		w.notes.write("stdout, not a message: %s", text)
	}
}

func (w *Worker) tooLong(l line) {
	w.notes.write("stdout, a line of %d bytes was dropped, messages have at most %d: %s…", l.dropped, w.opts.MaxLine, l.text)
	id, ok := idOfLong(l.text)
	if !ok {
		id, ok = w.calls.only()
	}
	if ok {
		w.calls.settle(id, reply{err: errTooLong(l.dropped, w.opts.MaxLine)})
	}
}

// idOfLong finds the id of a response by its beginning, so that whoever waits for it learns what happened.
func idOfLong(head []byte) (int64, bool) {
	m := regexp.MustCompile(`^\s*\{\s*(?:"jsonrpc"\s*:\s*"2\.0"\s*,\s*)?"id"\s*:\s*(\d{1,18})\s*,`).FindSubmatch(head)
	if m == nil {
		return 0, false
	}
	id, err := strconv.ParseInt(string(m[1]), 10, 64)
	return id, err == nil
}

func (w *Worker) answered(m message) {
	r := reply{result: m.Result}
	if m.Error != nil {
		r.err = m.Error
	}
	id, ok := numbered(m.ID)
	if !ok || !w.calls.settle(id, r) {
		w.notes.write("an answer to request %s, which is not open: it was answered before, or never asked", orNone(m.ID))
	}
}

func orNone(id json.RawMessage) string {
	if len(id) == 0 {
		return "(no id)"
	}
	return string(id)
}

// told takes a notification. One that carries an id, and so wants an answer, gets an empty one.
func (w *Worker) told(m message) {
	err := w.take(m)
	if m.ID == nil {
		if err != nil {
			w.notes.write("%s: %s", m.Method, err.Message)
		}
		return
	}
	if err != nil {
		w.respond(m.ID, nil, err)
		return
	}
	w.respond(m.ID, json.RawMessage("{}"), nil)
}

func (w *Worker) take(m message) *RemoteError {
	switch m.Method {
	case "ready":
		return w.takeReady(m.Params)
	case "chunk":
		var p struct {
			ID   int64  `json:"id"`
			Text string `json:"text"`
		}
		if err := params(m, &p); err != nil {
			return err
		}
		w.calls.piece(p.ID, p.Text)
	case "emit":
		return w.takeEmit(m)
	case "log":
		return w.takeLog(m)
	default:
		return &RemoteError{Code: codeNoMethod, Message: fmt.Sprintf("no method is called %q", m.Method)}
	}
	return nil
}

func (w *Worker) takeReady(raw json.RawMessage) *RemoteError {
	var r Ready
	if err := params(message{Params: raw}, &r); err != nil {
		return err
	}
	if w.isReady {
		return &RemoteError{Code: codeParams, Message: "said twice; the first one counts"}
	}
	w.isReady = true
	w.ready <- r
	return nil
}

func (w *Worker) takeEmit(m message) *RemoteError {
	var p struct {
		Event   string          `json:"event"`
		Session string          `json:"session"`
		Data    json.RawMessage `json:"data"`
	}
	switch err := params(m, &p); {
	case err != nil:
		return err
	case p.Event == "":
		return &RemoteError{Code: codeParams, Message: `"event" is missing`}
	case w.opts.Emit == nil:
		return &RemoteError{Code: codeNoMethod, Message: "events of components are not passed on yet"}
	}
	w.opts.Emit(p.Session, p.Event, p.Data)
	return nil
}

func (w *Worker) takeLog(m message) *RemoteError {
	var p struct {
		Level   string          `json:"level"`
		Message string          `json:"message"`
		Fields  json.RawMessage `json:"fields"`
	}
	if err := params(m, &p); err != nil {
		return err
	}
	text := strings.ReplaceAll(p.Message, "\n", "\n    ")
	if p.Level != "" {
		text = p.Level + ": " + text
	}
	if len(p.Fields) > 0 {
		text += " " + string(p.Fields)
	}
	w.notes.line(text)
	return nil
}

// respond answers a request of the component. It must not wait: the one who reads calls it. A component that asks and
// does not read loses its answers.
func (w *Worker) respond(id, result json.RawMessage, err *RemoteError) {
	if id == nil {
		return
	}
	if err == nil && len(result) == 0 {
		result = json.RawMessage("null")
	}
	b := mustJSON(message{Version: "2.0", ID: id, Result: result, Error: err})
	select {
	case w.out.lines <- append(b, '\n'):
	default:
		w.notes.write("the answer to its request %s was dropped: it does not read its stdin", id)
	}
}

func params(m message, into any) *RemoteError {
	if len(m.Params) == 0 || string(m.Params) == "null" {
		return nil
	}
	if err := json.Unmarshal(m.Params, into); err != nil {
		return &RemoteError{Code: codeParams, Message: "bad params: " + WrongType(err).Error()}
	}
	return nil
}

// notes are lines in the log of a component that did not come from its stderr.
type notes struct {
	mu   sync.Mutex
	w    io.Writer
	used int
}

// mostNotes bounds what we have to say ourselves: the log is the component's.
const mostNotes = 1000

// write adds a remark of ours, marked as such.
func (n *notes) write(format string, args ...any) {
	n.mu.Lock()
	n.used++
	used := n.used
	n.mu.Unlock()
	switch {
	case used < mostNotes:
		n.line("[ww] " + fmt.Sprintf(format, args...))
	case used == mostNotes:
		n.line(fmt.Sprintf("[ww] %d such remarks; further ones are left out", mostNotes))
	}
}

// line adds one line as it is.
func (n *notes) line(text string) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.w != nil {
		io.WriteString(n.w, text+"\n") //nolint:errcheck // a log that cannot be written must not stop the code
	}
}
