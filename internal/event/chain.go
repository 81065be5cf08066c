package event

import "strings"

// ChainEnd stands for a chain of which nothing is left: the turn ends here, wherever the component would send it.
const ChainEnd = "."

// MakeChain is the chain of these components, in their order.
func MakeChain(components []string) string {
	if len(components) == 0 {
		return ChainEnd
	}
	return strings.Join(components, ",")
}

// NextInChain takes the next component off a chain. fixed is false for a turn without one: it goes where each component
// says.
func NextInChain(chain string) (next, rest string, fixed bool) {
	switch chain {
	case "":
		return "", "", false
	case ChainEnd:
		return "", ChainEnd, true
	}
	next, rest, more := strings.Cut(chain, ",")
	if !more {
		rest = ChainEnd
	}
	return next, rest, true
}
