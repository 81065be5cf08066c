package rehearsal

import (
	"errors"
	"fmt"
	"strings"

	"github.com/pelletier/go-toml/v2"
)

func at(name string, line, column int, what string) error {
	return fmt.Errorf("%s:%d:%d: %s", name, max(1, line), max(1, column), what)
}

// kindOf is the kind of value that belongs to a key.
func kindOf(key string) string {
	switch key {
	case "contains", "chain":
		return `a list of texts, as in ["one", "two"]`
	case "hops":
		return "a whole number"
	case "offline":
		return "true or false"
	case "tools":
		return `a list, as in [{ name = "shop", function = "buy" }]`
	case "json", "arguments":
		return "a table, as in { bought = 5 }"
	case "turn":
		return "a line [[turn]] for each turn, and its pairs below it"
	}
	return "a text in quotes"
}

// told says where a file cannot be read.
func told(name string, err error) error {
	var unknown *toml.StrictMissingError
	if errors.As(err, &unknown) && len(unknown.Errors) > 0 {
		first := unknown.Errors[0]
		line, column := first.Position()
		key := first.Key()
		there := "of a file there are app, mode, offline, seed, session, within, and then [[turn]] for each turn"
		switch {
		case len(key) > 2:
			there = "of a tool there are name, function, arguments"
		case len(key) == 2:
			there = "of a turn there are ask, session, answer, contains, matches, json, status, error, chain, hops, tools, within"
		}
		return at(name, line, column, fmt.Sprintf("%s is not known here; %s", strings.Join(key, "."), there))
	}
	var wrong *toml.DecodeError
	if errors.As(err, &wrong) {
		line, column := wrong.Position()
		what := strings.TrimPrefix(wrong.Error(), "toml: ")
		switch {
		case strings.Join(wrong.Key(), ".") == "seed":
			what = "seed is a number from 0 to 4294967295"
		case strings.HasPrefix(what, "cannot ") && len(wrong.Key()) > 0: // it speaks of our types
			key := wrong.Key()
			what = strings.Join(key, ".") + " wants " + kindOf(key[len(key)-1])
		case strings.HasPrefix(what, "time: "):
			what = "within is a time with its unit, as in \"2s\" or \"300ms\""
		}
		return at(name, line, column, what)
	}
	return fmt.Errorf("%s: %w", name, err)
}
