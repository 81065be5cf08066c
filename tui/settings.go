package tui

import (
	"slices"
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
	return []setting{{"WW_THEME", []string{"light", "dark", "contrast"}}, {"WW_MOUSE", onOff}, {"WW_MOTION", onOff}}
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
