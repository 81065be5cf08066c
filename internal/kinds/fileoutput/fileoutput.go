// Package fileoutput is `output file`: it adds each answer to a file.
package fileoutput

import (
	"context"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"time"

	"github.com/woodwork-lang/ww/internal/component"
	"github.com/woodwork-lang/ww/internal/kinds/console"
	"github.com/woodwork-lang/ww/internal/kinds/property"
)

// New makes the component of spec. Its properties are path and format.
func New(spec component.Spec) (component.Kind, error) {
	v := property.Values(spec.Config)
	path, errPath := v.Text("path", "")
	format, errFormat := v.Text("format", "text")
	if err := errors.Join(errPath, errFormat); err != nil {
		return nil, err
	}
	if path == "" {
		return nil, errNoPath(spec.Name)
	}
	if !filepath.IsAbs(path) {
		path = filepath.Join(spec.App.Dir, path)
	}
	return &output{path: path, asJSON: format == "json", now: time.Now}, nil
}

type output struct {
	path   string
	asJSON bool
	now    func() time.Time
}

func (o *output) Start(context.Context, component.Env) (component.Traits, error) {
	if err := os.MkdirAll(filepath.Dir(o.path), 0o755); err != nil {
		return component.Traits{}, errWrite(o.path, err)
	}
	f, err := o.open() // so that a file that cannot be written is known before the first answer
	if err != nil {
		return component.Traits{}, errWrite(o.path, err)
	}
	return component.Traits{Capabilities: []string{"text"}}, f.Close()
}

func (o *output) open() (*os.File, error) {
	return os.OpenFile(o.path, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o644)
}

// line is an answer as JSON.
type line struct {
	Time    time.Time `json:"time"`
	Turn    string    `json:"turn"`
	Session string    `json:"session"`
	Attempt int       `json:"attempt,omitempty"` // above 1: a process died in the middle, and the answer may be there twice
	Answer  string    `json:"answer"`
}

// Handle adds one answer with one write. The file is opened anew each time: somebody may have moved it away.
func (o *output) Handle(_ context.Context, t component.Task) (component.Result, error) {
	body := console.Trim(t.Body)
	text := append(append([]byte{}, body...), '\n')
	if o.asJSON {
		l := line{Time: o.now().UTC(), Turn: t.Turn, Session: t.Session, Answer: string(body)}
		if t.Attempt > 1 {
			l.Attempt = t.Attempt
		}
		b, err := json.Marshal(l)
		if err != nil {
			return component.Result{}, err
		}
		text = append(b, '\n')
	}
	if err := o.add(text); err != nil {
		return component.Result{}, errWrite(o.path, err)
	}
	return component.Result{ContentType: t.ContentType, Body: body}, nil
}

func (o *output) add(text []byte) error {
	f, err := o.open()
	if err != nil {
		return err
	}
	_, err = f.Write(text)
	return errors.Join(err, f.Close())
}

func (*output) Close(context.Context) error { return nil }
