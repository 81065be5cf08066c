package engine

import (
	"strconv"
	"strings"
)

// unit is the place of one instance: an ordinal of a component in one generation. Its processes come and go.
type unit struct {
	name       string
	ordinal    int
	generation int
	twin       string // not empty: a second instance in this place, which an earlier supervisor had told to end; its name
}

// String is the name that the supervisor knows the unit by.
func (u unit) String() string {
	s := u.shown()
	if u.generation > firstGeneration {
		s += "@" + strconv.Itoa(u.generation)
	}
	if u.twin != "" {
		s += "~" + u.twin
	}
	return s
}

// shown is the name that people use: "agent", "agent.1".
func (u unit) shown() string {
	if u.ordinal == 0 {
		return u.name
	}
	return u.name + "." + strconv.Itoa(u.ordinal)
}

// every is the ordinal that stands for all of them.
const every = -1

// parseUnit splits what a person names: "agent" is every instance of it, "agent.1" the one with ordinal 1.
func parseUnit(text string) (name string, ordinal int) {
	i := strings.LastIndexByte(text, '.')
	if i < 0 {
		return text, every
	}
	n, err := strconv.Atoi(text[i+1:])
	if err != nil || n < 0 {
		return text, every
	}
	return text[:i], n
}
