package chat

import (
	"fmt"

	"github.com/woodwork-lang/ww/internal/event"
	"github.com/woodwork-lang/ww/tui/kit"
)

// failure is what a person reads about a turn without an answer: which hop, why, and what happens next.
func failure(e event.End) []string {
	why := kit.CleanLine(e.Error)
	if why == "" {
		why = "no reason was given"
	}
	where := ": " + why
	if hop := failedHop(e); hop != "" {
		where = " at " + hop + where
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
