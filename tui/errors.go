package tui

import (
	"errors"
	"fmt"
	"strings"
)

// ErrKill is what Run returns when the user asked twice to quit: everything is to be ended at once.
var ErrKill = errors.New("asked twice to quit")

// lostText stands in the status line when no more events will come.
const lostText = "the connection to the app is lost; what you see is old"

// What could not be done, before the reason.
func notDone(name, did string) string { return name + strings.Replace(did, " was ", " was not ", 1) }

// keysAsTheyAre tells why a person's keys do not count.
func keysAsTheyAre(err error) string {
	return "the keys are those without a file: " + err.Error()
}

// notKnown tells of a variable whose value means nothing.
func notKnown(name, value string, values []string) string {
	last := len(values) - 1
	return fmt.Sprintf("%s is %q, which means nothing: it may be %s or %s", name, value, strings.Join(values[:last], ", "), values[last])
}

const (
	notCanceled  = "the turn goes on"
	notSaid      = "the answer did not arrive"
	notFaulty    = "no practice fault was ordered"
	notOrdered   = "the breaker stays as it is"
	notReloaded  = "nothing was reloaded"
	notTalking   = "the session stays the same"
	notOverheard = "the sessions cannot be read"
	notComposed  = "the editor did not give anything back"
)

func crashed(what any, path string, err error) error {
	if err != nil {
		return fmt.Errorf("the terminal view crashed: %v (its trace could not be written: %w)", what, err)
	}
	return fmt.Errorf("the terminal view crashed: %v; its trace is in %s", what, path)
}
