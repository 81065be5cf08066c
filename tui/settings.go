package tui

import (
	"slices"
	"strconv"
	"strings"
)

// setting is a variable of which only some values mean anything.
type setting struct {
	name   string
	values []string
}

// settings are all of them.
func settings() []setting {
	onOff := []string{"on", "off"}
	return []setting{{"WW_THEME", []string{"light", "dark", "contrast"}}, {"WW_MOUSE", onOff}, {"WW_MOTION", onOff}, {"WW_LINKS", onOff}}
}

// wrong is what the screen goes on without: the file of keys, when it could not be taken, and variables that say nothing.
func (o Options) wrong(keys error) string {
	var all []string
	for _, s := range settings() {
		if v := o.Getenv(s.name); v != "" && !slices.Contains(s.values, v) {
			all = append(all, notKnown(s.name, v, s.values))
		}
	}
	if keys != nil {
		all = append(all, keysAsTheyAre(keys))
	}
	return strings.Join(all, "; ")
}

// still says that nothing is to move that need not.
func (o Options) still() bool { return o.Getenv("WW_MOTION") == "off" }

// links says that the terminal opens addresses that stand behind a text: only those that are known to, because others draw the
// address, or what is left of it.
func (o Options) links() bool {
	term, program := o.Getenv("TERM"), o.Getenv("TERM_PROGRAM")
	switch o.Getenv("WW_LINKS") {
	case "on":
		return term != "dumb"
	case "off":
		return false
	}
	switch {
	case term == "dumb", term == "linux", strings.HasPrefix(term, "screen"), strings.HasPrefix(term, "tmux"):
		return false
	case slices.Contains([]string{"iTerm.app", "WezTerm", "ghostty", "vscode", "rio"}, program),
		slices.Contains([]string{"xterm-kitty", "xterm-ghostty", "wezterm", "foot", "alacritty"}, term),
		o.Getenv("WT_SESSION") != "", o.Getenv("KONSOLE_VERSION") != "":
		return true
	}
	vte, err := strconv.Atoi(o.Getenv("VTE_VERSION")) // what is no number is no version
	return err == nil && vte >= 5000
}
