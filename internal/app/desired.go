package app

import (
	"encoding/json"
	"fmt"
	"os"
)

// desiredVersion is the version of desired.json.
const desiredVersion = 1

// Desired says what is wanted of an app. It is replaced as a whole, and that is the moment at which a start, a reload
// or a stop is decided; everything else on disk is observation.
type Desired struct {
	V          int      `json:"v"`
	Generation int      `json:"generation"`
	Name       string   `json:"name"`
	File       string   `json:"file"`
	Hash       string   `json:"hash"`
	Detached   bool     `json:"detached"`
	Components []Wanted `json:"components"`
}

// Wanted is one component that should run.
type Wanted struct {
	Name     string   `json:"name"`
	Kind     string   `json:"kind"`
	Type     string   `json:"type"`
	Replicas int      `json:"replicas"`
	Acceptor bool     `json:"acceptor"` // takes turns from faces
	To       []string `json:"to"`
}

// SetDesired replaces what is wanted.
func (a App) SetDesired(d Desired) error {
	d.V = desiredVersion
	b, err := json.MarshalIndent(d, "", "  ")
	if err != nil {
		return err
	}
	return replaceFile(a.path(desiredName), append(b, '\n'))
}

// Desired is what the last supervisor wanted.
func (a App) Desired() (Desired, error) {
	b, err := os.ReadFile(a.path(desiredName))
	if err != nil {
		return Desired{}, err
	}
	var d Desired
	if err := json.Unmarshal(b, &d); err != nil {
		return Desired{}, fmt.Errorf("%s: %w", a.path(desiredName), err)
	}
	if d.V != desiredVersion {
		return Desired{}, fmt.Errorf("%s: version %d was written by another ww; stop that one first", a.path(desiredName), d.V)
	}
	return d, nil
}

// Wanted finds a component by name.
func (d Desired) Wanted(name string) (Wanted, bool) {
	for _, w := range d.Components {
		if w.Name == name {
			return w, true
		}
	}
	return Wanted{}, false
}
