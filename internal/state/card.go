package state

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// Card is what is known about the death of a component, in one place.
type Card struct {
	Name      string        `json:"name"`
	Instance  string        `json:"instance"`
	Reason    string        `json:"reason"`
	Exit      Exit          `json:"exit"`
	LastLines []string      `json:"last_lines"`
	LastIn    *Passed       `json:"last_in"`  // the last message that it took; nil: none
	LastOut   *Passed       `json:"last_out"` // the last message that it gave; nil: none
	Waiting   int           `json:"waiting"`  // messages that it has and has not done; none is lost
	Restarts  int           `json:"restarts"`
	LastDeath string        `json:"last_death"` // why the process before this one ended; empty: it was asked to, or there was none
	NextIn    time.Duration `json:"-"`          // until the next try; 0: none is planned
}

// Exit is how a process ended. The zero value is not known, or not yet.
type Exit struct {
	Code   int    `json:"code"`
	Signal string `json:"signal"` // "SIGSEGV"; empty when it exited by itself
	OOM    bool   `json:"oom"`    // the kernel says that memory ran out
}

// Passed is a message that went in or out.
type Passed struct {
	At      time.Time `json:"at"`
	Peer    string    `json:"peer"` // who sent it, or got it; empty: a face
	Type    string    `json:"type"`
	Turn    string    `json:"turn"`
	Session string    `json:"session"`
	Bytes   int       `json:"bytes"`
	Text    string    `json:"text"` // its beginning, as it was sent: to be quoted before it is printed
}

// Entry is one line of a card: what it is about, and what there is to say.
type Entry struct{ Label, Text string }

// Entries is the card as text, in the order in which it is read: why, the evidence, what happens next. Only what is
// known is there. now is for ages.
func (c Card) Entries(now time.Time) []Entry {
	var all []Entry
	add := func(label, text string) {
		if text != "" {
			all = append(all, Entry{label, text})
		}
	}
	add("why", c.Reason)
	if c.Exit.OOM {
		add("memory", "it ran out: the kernel killed it. Give it less to hold, or the machine more")
	}
	for i, line := range c.LastLines {
		if i == 0 {
			add("last lines", "│ "+line)
			continue
		}
		all = append(all, Entry{"", "│ " + line})
	}
	add("last in", c.LastIn.phrase("from", now))
	add("last out", c.LastOut.phrase("to", now))
	if c.Waiting > 0 {
		add("waiting", fmt.Sprintf("%s for it, none is lost", plural(c.Waiting, "message waits", "messages wait")))
	}
	if c.Restarts > 0 || c.NextIn > 0 {
		text := strconv.Itoa(c.Restarts)
		if c.LastDeath != "" {
			text += ", the last after: " + c.LastDeath
		}
		if c.NextIn > 0 {
			text += fmt.Sprintf(", next try in %.1f s", c.NextIn.Seconds())
		}
		add("restarts", text)
	}
	return all
}

func (p *Passed) phrase(way string, now time.Time) string {
	if p == nil {
		return ""
	}
	who := p.Peer
	if who == "" {
		who = "a face"
	}
	text := fmt.Sprintf("%s %s %s, %s ago", p.Type, way, who, age(now.Sub(p.At)))
	if p.Turn != "" {
		text += ", turn " + p.Turn
	}
	if p.Text != "" {
		text += fmt.Sprintf(": %q", p.Text)
	}
	return strings.TrimSpace(text)
}

func plural(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, many)
}

func age(d time.Duration) string {
	switch {
	case d < time.Second:
		return fmt.Sprintf("%d ms", max(0, d.Milliseconds()))
	case d < 2*time.Minute:
		return fmt.Sprintf("%d s", int(d.Seconds()))
	case d < 2*time.Hour:
		return fmt.Sprintf("%d min", int(d.Minutes()))
	}
	return fmt.Sprintf("%d h", int(d.Hours()))
}
