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

// told says where a file cannot be read.
func told(name string, err error) error {
	var unknown *toml.StrictMissingError
	if errors.As(err, &unknown) && len(unknown.Errors) > 0 {
		first := unknown.Errors[0]
		line, column := first.Position()
		return at(name, line, column, fmt.Sprintf("%s is not known here; of a turn there are ask, session, answer, contains, matches, json, status, error, chain, hops, tools, within",
			strings.Join(first.Key(), ".")))
	}
	var wrong *toml.DecodeError
	if errors.As(err, &wrong) {
		line, column := wrong.Position()
		what := strings.TrimPrefix(wrong.Error(), "toml: ")
		if strings.HasPrefix(what, "cannot ") { // it speaks of our types
			what = strings.Join(wrong.Key(), ".") + " wants another kind of value: text in quotes, a number, a list in [ ], or a table in { }; docs/testing.md has which"
		}
		return at(name, line, column, what)
	}
	return fmt.Errorf("%s: %w", name, err)
}
