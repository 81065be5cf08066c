package chat

import (
	"slices"

	"github.com/woodwork-lang/ww/tui/kit"
)

// history is where the reader is among the messages said before.
type history struct {
	back  int    // how many messages back; 0 is what is being written
	draft string // what was being written
}

// said are the messages of this conversation, oldest first, each once.
func (m Model) said() []string {
	var texts []string
	add := func(s string) {
		if s != "" {
			texts = append(slices.DeleteFunc(texts, func(t string) bool { return t == s }), s)
		}
	}
	for _, b := range m.talk.blocks {
		add(b.turn.Text)
	}
	for _, s := range m.outbox.waiting {
		add(s.text)
	}
	return texts
}

func (h history) older(said []string, e kit.Editor) (history, kit.Editor) {
	if h.back >= len(said) {
		return h, e
	}
	if h.back == 0 {
		h.draft = e.Value()
	}
	h.back++
	return h, e.With(said[len(said)-h.back])
}

func (h history) newer(said []string, e kit.Editor) (history, kit.Editor) {
	if h.back == 0 {
		return h, e
	}
	h.back--
	if h.back == 0 || h.back > len(said) {
		return history{}, e.With(h.draft)
	}
	return h, e.With(said[len(said)-h.back])
}
