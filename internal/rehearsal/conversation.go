// Package rehearsal is tests of an app that stand beside it: turns, and what is expected of each. docs/testing.md has
// the form of the files.
package rehearsal

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"path/filepath"
	"regexp"
	"strings"
	"time"

	"github.com/pelletier/go-toml/v2"
)

// Suffix is how the names of the files end.
const Suffix = ".test.toml"

// File is a file of tests.
type File struct {
	Name    string   `toml:"-"`
	App     string   `toml:"app"`  // the .ww file, beside it; main.ww
	Mode    string   `toml:"mode"` // centralized, distributed, both; empty: as the file says
	Offline bool     `toml:"offline"`
	Seed    *uint32  `toml:"seed"` // what chance begins with
	Session string   `toml:"session"`
	Within  Duration `toml:"within"`
	Turns   []Turn   `toml:"turn"`

	lines map[string]int // of its keys
}

// Turn is what is asked, and what is expected.
type Turn struct {
	Line    int    `toml:"-"`
	Session string `toml:"session"`
	Ask     string `toml:"ask"`

	Answer   *string        `toml:"answer"`
	Contains []string       `toml:"contains"`
	Matches  *Pattern       `toml:"matches"`
	JSON     map[string]any `toml:"json"`
	Status   string         `toml:"status"`
	Error    string         `toml:"error"`
	Chain    []string       `toml:"chain"`
	Hops     *int           `toml:"hops"`
	Tools    *[]Tool        `toml:"tools"`
	Within   Duration       `toml:"within"`

	lines map[string]int // of its keys
}

// Tool is a call that is expected.
type Tool struct {
	Name      string         `toml:"name"`
	Function  string         `toml:"function"`
	Arguments map[string]any `toml:"arguments"`
}

// Pattern is a regular expression.
type Pattern struct{ *regexp.Regexp }

// UnmarshalText implements encoding.TextUnmarshaler.
func (p *Pattern) UnmarshalText(b []byte) (err error) {
	p.Regexp, err = regexp.Compile(string(b))
	return err
}

// Duration is a time with its unit.
type Duration time.Duration

// UnmarshalText implements encoding.TextUnmarshaler.
func (d *Duration) UnmarshalText(b []byte) error {
	v, err := time.ParseDuration(string(b))
	if err == nil && v <= 0 {
		err = errors.New("a time is more than nothing")
	}
	*d = Duration(v)
	return err
}

// expects reports whether anything is expected of a turn.
func (t *Turn) expects() bool {
	return t.Answer != nil || len(t.Contains) > 0 || t.Matches != nil || t.JSON != nil || t.Status != "" || t.Error != "" ||
		t.Chain != nil || t.Hops != nil || t.Tools != nil
}

// Parse reads a file of tests.
func Parse(name string, text []byte) (*File, error) {
	f := &File{Name: name}
	d := toml.NewDecoder(bytes.NewReader(bytes.TrimPrefix(text, []byte("\xef\xbb\xbf"))))
	d.DisallowUnknownFields()
	if err := d.Decode(f); err != nil {
		return nil, told(name, err)
	}
	lines := places(text)
	f.lines = lines[0]
	for i := range f.Turns {
		t := &f.Turns[i]
		if i+1 < len(lines) {
			t.lines = lines[i+1]
			t.Line = t.lines[""]
		}
		if err := f.sane(t); err != nil {
			return nil, err
		}
	}
	switch {
	case len(f.Turns) == 0:
		return nil, at(name, 1, 1, "there are no turns in it: [[turn]] begins one, ask = \"…\" is what it asks")
	case f.Mode != "" && f.Mode != "centralized" && f.Mode != "distributed" && f.Mode != "both":
		return nil, at(name, f.lines["mode"], 1, fmt.Sprintf("mode is centralized, distributed or both, not %q", f.Mode))
	}
	f.App = cmp.Or(f.App, "main.ww")
	if !filepath.IsAbs(f.App) {
		f.App = filepath.Join(filepath.Dir(name), f.App)
	}
	f.Session = cmp.Or(f.Session, strings.TrimSuffix(filepath.Base(name), Suffix))
	return f, nil
}

func (f *File) sane(t *Turn) error {
	wrong := func(key, text string) error { return at(f.Name, cmp.Or(t.lines[key], t.Line), 1, text) }
	switch t.Status {
	case "", "ok", "failed", "canceled":
	default:
		return wrong("status", fmt.Sprintf("status is ok, failed or canceled, not %q", t.Status))
	}
	if t.Ask == "" {
		return wrong("ask", "a turn without ask = \"…\"")
	}
	if t.Tools != nil {
		for _, tool := range *t.Tools {
			if tool.Name == "" {
				return wrong("tools", "a tool without name = \"…\"")
			}
		}
	}
	if t.Error != "" && t.Status == "ok" {
		return wrong("error", "a turn with an error is not ok")
	}
	return nil
}
