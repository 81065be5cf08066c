package project

import (
	"fmt"
	"path"
	"path/filepath"
	"slices"

	"github.com/woodwork-lang/ww/internal/schema"
)

// Listener is a function of a Python file that hears of an event, or, a pipe, may change it. What a component declares
// hears the events of all.
type Listener struct {
	Event, File, Function string
	Pipe                  bool
}

// Listeners are the hooks and pipes of the app, in the order of construction; of one component, hooks come first.
func (p *Project) Listeners() []Listener {
	var all []Listener
	for _, c := range p.Components {
		for _, key := range []string{"hooks", "pipes"} {
			for _, l := range c.listeners(key) {
				l.Pipe = key == "pipes"
				all = append(all, l)
			}
		}
	}
	return all
}

func (c Component) listeners(key string) []Listener {
	list, _ := c.Config[key].([]any)
	var out []Listener
	for _, item := range list {
		dict, ok := item.(map[string]any)
		if !ok {
			continue
		}
		get := func(name string) string { t, _ := text(dict[name]); return t }
		l := Listener{Event: get("event"), File: PythonFile(get("script_path")), Function: get("function_name")}
		if l.Event != "" && l.File != "" && l.Function != "" {
			out = append(out, l)
		}
	}
	return out
}

// PythonFile is one name for all the ways to write the path of one file.
func PythonFile(name string) string {
	if name == "" {
		return ""
	}
	return path.Clean(filepath.ToSlash(name))
}

// Owners are the components that run the Python files of the app, by file: the first one that names it.
func (p *Project) Owners() map[string]string {
	owners := map[string]string{}
	for _, c := range p.Components {
		for _, file := range c.files() {
			if owners[file] == "" {
				owners[file] = c.Name
			}
		}
	}
	return owners
}

// heard is who hears the events of a component, and who runs the Python files, as a text to compare: another hook of the
// app concerns every component that tells events.
func (c Component) heard(p *Project) string {
	doors := p.Doors()
	if c.Kind == "output" || len(p.Owners()) == 0 && len(doors) == 0 {
		return ""
	}
	return fmt.Sprint(p.Listeners(), p.Owners(), doors)
}

// Doors are the components that pass on the events of the app to the outside.
func (p *Project) Doors() []string {
	var doors []string
	for _, c := range p.Components {
		if c.Kind == "input" && c.Type == "api" {
			doors = append(doors, c.Name)
		}
	}
	return doors
}

// files are the Python files that a component names.
func (c Component) files() []string {
	var files []string
	if c.Kind == "api" && c.Type == "functions" || c.Kind == "custom" && c.Type == "tool" {
		files = append(files, PythonFile(c.Text("path")))
	}
	if c.Kind == "model" && c.Type == "pytorch" {
		if file, _ := schema.ModelCode(c.Text("model_code")); file != "" {
			files = append(files, PythonFile(file))
		}
	}
	for _, l := range slices.Concat(c.listeners("hooks"), c.listeners("pipes")) {
		files = append(files, l.File)
	}
	return slices.DeleteFunc(files, func(f string) bool { return f == "" })
}
