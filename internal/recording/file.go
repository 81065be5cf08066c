package recording

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"os"
	"slices"
	"strings"
)

// Write writes a recording as JSON lines.
func (r *Recording) Write(w io.Writer) error {
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	head := r.Head
	head.Lines = len(r.Components) + len(r.Turns)
	for _, t := range r.Turns {
		head.Lines += len(t.Entries)
	}
	if err := e.Encode(head); err != nil {
		return err
	}
	for _, c := range r.Components {
		if err := e.Encode(c); err != nil {
			return err
		}
	}
	for _, t := range r.Turns {
		if err := e.Encode(t); err != nil {
			return err
		}
		for _, en := range t.Entries {
			if err := e.Encode(en); err != nil {
				return err
			}
		}
	}
	return nil
}

// maxLine bounds a line of a recording.
const maxLine = 64 << 20

// Load reads the recording in a file.
func Load(path string) (*Recording, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return Read(f, path)
}

// Read reads what Write wrote. name is what problems call it.
func Read(in io.Reader, name string) (*Recording, error) {
	rd := reader{r: &Recording{}, name: name}
	lines := bufio.NewScanner(in)
	lines.Buffer(nil, maxLine)
	for lines.Scan() {
		rd.n++
		raw := lines.Bytes()
		if rd.n == 1 {
			raw = bytes.TrimPrefix(raw, []byte("\xef\xbb\xbf"))
		}
		if raw = bytes.TrimSpace(raw); len(raw) == 0 {
			continue
		}
		if err := rd.line(raw); err != nil {
			return nil, err
		}
	}
	switch err := lines.Err(); {
	case errors.Is(err, bufio.ErrTooLong):
		return nil, errLine(name, rd.n+1, "the line is longer than 64 MiB")
	case err != nil:
		return nil, err
	case rd.r.V == 0:
		return nil, errEmpty(name)
	case rd.taken < rd.r.Lines:
		return nil, errShort(name, rd.taken, rd.r.Lines)
	}
	return rd.r, nil
}

// reader reads a recording line by line.
type reader struct {
	r     *Recording
	name  string
	n     int // the line, from 1
	taken int // lines behind the first
}

func (rd *reader) line(raw []byte) error {
	var k struct {
		V    int    `json:"v"`
		Kind string `json:"kind"`
	}
	if err := json.Unmarshal(raw, &k); err != nil {
		return rd.wrong("no line of a recording: " + plain(err))
	}
	if rd.r.V == 0 {
		switch {
		case k.Kind != KindRecording || k.V <= 0:
			return errEmpty(rd.name)
		case k.V > Version:
			return errVersion(rd.name, k.V)
		}
		return rd.decode(raw, k.Kind, &rd.r.Head)
	}
	rd.taken++
	switch k.Kind {
	case KindRecording:
		return rd.wrong("another recording begins here: a file has one")
	case KindComponent:
		var c Component
		if err := rd.decode(raw, k.Kind, &c); err != nil {
			return err
		}
		rd.r.Components = append(rd.r.Components, c)
	case KindTurn:
		return rd.turn(raw)
	case KindHop, KindCall:
		return rd.entry(raw, k.Kind)
	default: // what a later ww of this version adds is left out
		rd.unknown(k.Kind)
	}
	return nil
}

func (rd *reader) turn(raw []byte) error {
	var t Turn
	if err := rd.decode(raw, KindTurn, &t); err != nil {
		return err
	}
	switch _, n := rd.r.Turn(t.ID); {
	case t.ID == "":
		return rd.wrong("a turn without an id")
	case n > 0:
		return rd.wrong("turn " + t.ID + " stands above it already")
	}
	rd.r.Turns = append(rd.r.Turns, t)
	return nil
}

func (rd *reader) entry(raw []byte, kind string) error {
	var e Entry
	if err := rd.decode(raw, kind, &e); err != nil {
		return err
	}
	t, _ := rd.r.Turn(e.Turn)
	switch {
	case t == nil:
		return rd.wrong("a " + kind + " of turn " + e.Turn + ", which does not stand above it")
	case e.Component == "":
		return rd.wrong("a " + kind + " without a component")
	case kind == KindCall && (e.To == "" || e.ID == ""):
		return rd.wrong("a call without an id, or without a component that was asked (to)")
	}
	t.Entries = append(t.Entries, e)
	return nil
}

// decode reads a line. What it does not know is noted and left out: a later ww of this version put it there.
func (rd *reader) decode(raw []byte, kind string, into any) error {
	strict := json.NewDecoder(bytes.NewReader(raw))
	strict.DisallowUnknownFields()
	err := strict.Decode(into)
	if err == nil {
		return nil
	}
	if name, ok := strings.CutPrefix(err.Error(), "json: unknown field "); ok {
		rd.unknown(kind + "." + strings.Trim(name, `"`))
		err = json.Unmarshal(raw, into)
	}
	if err != nil {
		return rd.wrong("no " + kind + " of a recording: " + plain(err))
	}
	return nil
}

func (rd *reader) unknown(what string) {
	if !slices.Contains(rd.r.Unknown, what) {
		rd.r.Unknown = append(rd.r.Unknown, what)
	}
}

func (rd *reader) wrong(what string) error { return errLine(rd.name, rd.n, what) }
