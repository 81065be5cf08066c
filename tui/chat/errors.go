package chat

import (
	"fmt"
	"strings"

	"github.com/woodwork-lang/ww/internal/event"
	"github.com/woodwork-lang/ww/tui/kit"
)

// failure is what a person reads about a turn without an answer: which hop, why, and what happens next.
func failure(e event.End) []string {
	why := onScreen(kit.CleanLine(e.Error))
	if why == "" {
		why = "no reason was given"
	}
	where := ": " + why
	if hop := failedHop(e); hop != "" {
		where = " at " + hop + ": " + strings.TrimPrefix(why, hop+": ")
	}
	switch e.Status {
	case event.StatusDead:
		return []string{"set aside" + where, "it crashed its component twice and is not tried again; nothing else waits for it"}
	case event.StatusTimeout:
		return []string{"no answer in time" + where, "nothing goes on by itself; press ctrl+r to ask again"}
	case event.StatusCanceled:
		return []string{"canceled" + where, "press ctrl+r to ask again"}
	case event.StatusPending:
		return []string{"not answered yet" + where, "it is kept and goes on when the component is back"}
	}
	return []string{"failed" + where, "nothing goes on by itself; press ctrl+r to ask again"}
}

// failedHop is the last component that reported an error, or the last one that was reached.
func failedHop(e event.End) string {
	name := ""
	for _, h := range e.Hops {
		if h.Error != "" {
			name = h.Component
		}
	}
	if name == "" && len(e.Hops) > 0 {
		name = e.Hops[len(e.Hops)-1].Component
	}
	return kit.CleanLine(name)
}

// refusal is what a person reads when a message was not accepted.
func refusal(err error) string {
	return fmt.Sprintf("not sent: %s. Your text is back in the input line", kit.CleanLine(err.Error()))
}

// onScreen is a sentence with what to do as it is done here: what a command line starts has a key in the list.
func onScreen(s string) string {
	const command = "ww start "
	before, rest, found := strings.Cut(s, command)
	if !found {
		return s
	}
	name, after := rest, ""
	if i := strings.IndexAny(rest, " ;,)"); i >= 0 {
		name, after = rest[:i], rest[i:]
	}
	return before + "s on " + name + " in the list of components" + after
}

// withoutCode is an error of a call without what the line says already: who was asked, and the word for programs.
func withoutCode(s, asked string) string {
	s = strings.TrimPrefix(s, asked+": ")
	if code, rest, found := strings.Cut(s, ": "); found && code == strings.ToUpper(code) && strings.Trim(code, "ABCDEFGHIJKLMNOPQRSTUVWXYZ_") == "" {
		return rest
	}
	return s
}
