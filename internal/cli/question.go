package cli

import (
	"bufio"
	"fmt"
	"strings"

	"github.com/woodwork-lang/ww/internal/app"
	"github.com/woodwork-lang/ww/internal/project"
	"github.com/woodwork-lang/ww/internal/trust"
)

// trusted asks whether the commands of a project may be started, unless that is known. Without a terminal there is
// nobody to ask: the list is printed and nothing is started.
func (o devOptions) trusted(p *project.Project) error {
	commands := trust.Commands(p)
	if len(commands) == 0 || o.Trust {
		return nil
	}
	var store trust.Store
	if home, ok := app.StateHome(o.Env); ok {
		store = trust.NewStore(home)
	}
	asks, err := store.Asks(p.Dir, commands)
	if err != nil {
		return failed(err)
	}
	if len(asks) == 0 {
		return nil
	}
	o.list(store, p, asks)
	if !isTerminal(o.In) || !isTerminal(o.Err) {
		again := "ww dev --trust " + o.File
		if o.Stage {
			again = "the same again with --trust"
		}
		return usage("nothing was started, because nobody has said that these commands are trusted; if you trust them: %s", again)
	}
	fmt.Fprint(o.Err, "Start them? [y/N] ")
	answer, _ := bufio.NewReader(o.In).ReadString('\n') // no answer is a no
	switch strings.ToLower(strings.TrimSpace(answer)) {
	case "y", "yes":
		return failedIf(store.Grant(p.Dir, p.File, commands))
	}
	return usage("nothing was started")
}

// list shows what is asked about: what is new, and what has changed since the user agreed to it.
func (o devOptions) list(store trust.Store, p *project.Project, asks []trust.Command) {
	fmt.Fprintf(o.Err, "%s wants to start %s as you:\n", p.File, counted(len(asks), "command"))
	for _, c := range asks {
		if was, ok := store.Was(p.Dir, p.File, c.Component); ok {
			fmt.Fprintf(o.Err, "- %s: %s\n+ %s: %s\n", c.Component, was, c.Component, c)
		} else {
			fmt.Fprintf(o.Err, "  %s: %s\n", c.Component, c)
		}
		for _, path := range c.Outside {
			fmt.Fprintf(o.Err, "    outside of the project: %s\n", path)
		}
	}
}

// trustedLater refuses commands that a saved file would start for the first time: nobody can be asked while an app runs.
func (o devOptions) trustedLater(p *project.Project, asks []trust.Command) error {
	if home, ok := app.StateHome(o.Env); ok {
		var err error
		if asks, err = trust.NewStore(home).Asks(p.Dir, asks); err != nil {
			return err
		}
	}
	if len(asks) == 0 {
		return nil
	}
	return fmt.Errorf("nothing was reloaded, the app goes on as it was: %s wants to start a command that you have not trusted: %s; to trust it, end the app and start it again",
		asks[0].Component, asks[0])
}

func failedIf(err error) error {
	if err == nil {
		return nil
	}
	return failed(err)
}
