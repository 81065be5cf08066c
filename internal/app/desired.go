package app

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
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
	// Files is what the files were that the app was started from: their contents' hashes by absolute path.
	Files map[string]string `json:"files,omitempty"`
}

// Wanted is one component that should run.
type Wanted struct {
	Name       string   `json:"name"`
	Kind       string   `json:"kind"`
	Type       string   `json:"type"`
	Replicas   int      `json:"replicas"`
	Scaled     bool     `json:"scaled,omitempty"` // Replicas was ordered by hand: the file does not count
	Acceptor   bool     `json:"acceptor"`         // takes turns from faces
	To         []string `json:"to"`
	Generation int      `json:"generation"`     // of the instances that serve
	Hash       string   `json:"hash,omitempty"` // of what it was started from
	Out        []Out    `json:"out,omitempty"`
}

// Out is an ordinal of a component that does not run: it was stopped by hand, or it crashed too often.
type Out struct {
	Ordinal int    `json:"ordinal"`
	Stopped bool   `json:"stopped,omitempty"`
	Reason  string `json:"reason,omitempty"`
	Crashes int    `json:"crashes,omitempty"`
}

// Ordinals are those that should run, in order.
func (w Wanted) Ordinals() []int {
	all := make([]int, 0, w.Replicas)
	for n := range w.Replicas {
		if _, out := w.OutOf(n); !out {
			all = append(all, n)
		}
	}
	return all
}

// OutOf says whether and why an ordinal does not run.
func (w Wanted) OutOf(ordinal int) (Out, bool) {
	for _, o := range w.Out {
		if o.Ordinal == ordinal {
			return o, true
		}
	}
	return Out{}, false
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
	b, err := readOwn(a.path(desiredName))
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

// Clone returns a copy that shares nothing with d.
func (d Desired) Clone() Desired {
	d.Components = slices.Clone(d.Components)
	for i := range d.Components {
		d.Components[i].Out = slices.Clone(d.Components[i].Out)
		d.Components[i].To = slices.Clone(d.Components[i].To)
	}
	d.Files = maps.Clone(d.Files)
	return d
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
