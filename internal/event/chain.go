package event

import "strings"

// ChainEnd stands for a chain of which nothing is left: the turn ends here, wherever the component would send it.
const ChainEnd = "."

// chainFree ends a chain that is only a detour: behind it the turn goes where each component says.
const chainFree = "*"

// Detour is the chain of a message that reaches a component by way of another one: there it has the rest that it would
// have had.
func Detour(to, rest string) string {
	if rest == "" {
		rest = chainFree
	}
	return to + "," + rest
}

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
	switch {
	case !more:
		rest = ChainEnd
	case rest == chainFree:
		rest = ""
	}
	return next, rest, true
}
