package fanout

import (
	"errors"
	"fmt"
)

// Errors of Emit.
var (
	ErrClosed       = errors.New("events are over")
	ErrUnknownTopic = errors.New("no such event")
)

var (
	errEmptyToken = errors.New("there is nothing between two dots, or at an end")
	errRestInside = errors.New("`>` stands for the rest and comes last")
	errPartOfWord = errors.New("`*` and `>` stand for whole words between dots, not for parts of one")
)

// SubscriberError says why a subscriber cannot be served.
type SubscriberError struct {
	Name string
	What string
	Err  error
}

// Error implements error.
func (e *SubscriberError) Error() string {
	s := fmt.Sprintf("event subscriber %q %s", e.Name, e.What)
	if e.Err != nil {
		s += ": " + e.Err.Error()
	}
	return s
}

// Unwrap implements errors.Unwrap.
func (e *SubscriberError) Unwrap() error { return e.Err }

// TopicError says why a string cannot be the type of an event.
type TopicError struct {
	Topic string
	Err   error
}

// Error implements error.
func (e *TopicError) Error() string { return fmt.Sprintf("event type %q: %s", e.Topic, e.Err) }

// Unwrap implements errors.Unwrap.
func (e *TopicError) Unwrap() error { return e.Err }

// PanicError is a panic of a subscriber. The subscriber lives on and gets the next event.
type PanicError struct {
	Subscriber string
	Topic      string // type of the event that it was handling
	Value      any
	Stack      []byte
}

// Error implements error.
func (e *PanicError) Error() string {
	return fmt.Sprintf("event subscriber %q panicked at %q: %v", e.Subscriber, e.Topic, e.Value)
}
