package session

import (
	"encoding/json"
	"io"
)

// exported is the first line of an export, and the frame of one as a single object.
type exported struct {
	V    int    `json:"v"`
	Kind string `json:"kind"`
	Info
}

type exportedTurn struct {
	Kind string `json:"kind"`
	Turn
}

// Export writes a session as JSON lines: first what it is, then a line a turn. docs/reference/sessions.md has the form,
// which only grows.
func (s Session) Export(w io.Writer) error {
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	if err := e.Encode(exported{Version, kindSession, s.Info}); err != nil {
		return err
	}
	for _, t := range s.List {
		if err := e.Encode(exportedTurn{kindTurn, t}); err != nil {
			return err
		}
	}
	return nil
}

// MarshalJSON gives the same as one object, with the turns in it.
func (s Session) MarshalJSON() ([]byte, error) {
	turns := s.List
	if turns == nil {
		turns = []Turn{}
	}
	return json.Marshal(struct {
		V int `json:"v"`
		Info
		List []Turn `json:"turns"`
	}{Version, s.Info, turns})
}
