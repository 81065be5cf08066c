package cli

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/woodwork-lang/ww/internal/event"
)

func (o replayOptions) tell(out *replayed) {
	for i, t := range out.Turns {
		mark := "✓"
		switch {
		case t.Skipped:
			fmt.Fprintf(o.Out, "- turn %d %s: %s when it was recorded, and not asked again\n", i+1, quote(printed(t.Text)), endedAs(t.Status))
			continue
		case !t.Same && t.Live && t.Status == event.StatusOK:
			mark = "~"
		case !t.Same:
			mark = "✗"
		}
		fmt.Fprintf(o.Out, "%s turn %d %s\n", mark, i+1, quote(printed(t.Text)))
		if t.Same || t.Error != "" && len(out.Mismatches) > 0 {
			continue // what it is about is said below
		}
		fmt.Fprintf(o.Out, "    another %s\n    recorded  %s\n    now       %s\n", t.Field, printed(t.Recorded), printed(t.Now))
		if t.Error != "" {
			fmt.Fprintf(o.Out, "    %s\n", printed(t.Error))
		}
	}
	for _, m := range out.Mismatches {
		fmt.Fprintf(o.Err, "✗ %s\n    recorded  %s\n    now       %s\n", printed(m.Error()), printed(short(m.Recorded)), printed(short(m.Now)))
	}
	if out.NotRun > 0 {
		fmt.Fprintf(o.Err, "%s not asked after it\n", verbs2(out.NotRun, "turn was", "turns were"))
	}
	if len(out.Changed) > 0 && !out.Same {
		fmt.Fprintf(o.Err, "changed since it was recorded: %s\n", strings.Join(out.Changed, ", "))
	}
	if out.Lost > 0 {
		fmt.Fprintf(o.Err, "%s of the recording were lost when it was made\n", counted(out.Lost, "line"))
	}
	if len(out.LeftOut) > 0 {
		fmt.Fprintf(o.Err, "left out, because this ww does not know it: %s\n", printed(strings.Join(out.LeftOut, ", ")))
	}
	if out.Same {
		o.conclude(out)
	}
}

// conclude says how many turns were as recorded. Those that ran were only seen to end well.
func (o replayOptions) conclude(out *replayed) {
	ran, skipped := 0, 0
	for _, t := range out.Turns {
		switch {
		case t.Live:
			ran++
		case t.Skipped:
			skipped++
		}
	}
	again := ""
	if ran > 0 {
		again = "; " + verbs2(ran, "turn ran again", "turns ran again")
	}
	if skipped > 0 {
		again += "; " + verbs2(skipped, "turn was not asked", "turns were not asked")
	}
	fmt.Fprintf(o.Err, "%s of session %s, as recorded%s\n", counted(len(out.Turns)-ran-skipped, "turn"), printed(out.Session), again)
}

// endedAs says how a turn that was cut short ended.
func endedAs(s event.Status) string {
	switch s {
	case event.StatusPending:
		return "it had not ended"
	case event.StatusTimeout:
		return "its time was over"
	case event.StatusDead:
		return "it was set aside"
	}
	return "it was canceled"
}

func quote(s string) string { return strconv.Quote(s) }

// short keeps a long text from filling the screen; --json has all of it.
func short(s string) string {
	const most = 300
	if r := []rune(s); len(r) > most {
		return string(r[:most]) + "…"
	}
	return s
}
