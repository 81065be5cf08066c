package project

import (
	"path/filepath"
	"slices"

	"github.com/woodwork-lang/ww/internal/diag"
	"github.com/woodwork-lang/ww/internal/schema"
	"github.com/woodwork-lang/ww/parser"
)

// Load reads a .ww file and the .env beside it and works out what it asks for. It starts and executes nothing. All
// problems of the file come in one list, sorted by place. The project is never nil; with an error in the list it holds
// what was understood, for tools, and must not be run. env is the environment that variables are taken from before
// .env is asked; nil is an empty one.
func Load(file string, env Lookup) (*Project, diag.List) {
	src, diags := read(file)
	if len(diags) > 0 {
		dir := filepath.Dir(file)
		return &Project{Name: filepath.Base(dir), File: file, Dir: dir, Settings: map[string]any{}}, diags
	}
	return LoadText(file, src, env)
}

// LoadText is [Load] for a text that stands in place of the file's, as an editor has it before it is saved.
func LoadText(file string, src []byte, env Lookup) (*Project, diag.List) {
	p := &Project{Sources: diag.Sources{file: src}}
	locate(p, file)
	vars, diags := dotenv(beside(file, p.Dir), env)
	p.Env = vars

	f, problems := parser.Parse(file, src)
	l := link(f, problems)
	c := newChecker(l, p.Dir, over(env, vars))
	p.Components = c.components()
	c.set()
	c.stdin()
	p.Settings = c.settings
	diags = slices.Concat(diags, problems, l.diags, c.diags)

	if len(p.Components) == 0 && !diags.HasErrors() {
		diags = append(diags, empty(file))
	}
	if !diags.HasErrors() {
		var more diag.List
		p.Components, more = c.route(p.Components)
		diags = append(diags, more...)
	}
	p.Hash = sum(p)
	diags.Sort()
	return p, diags
}

// Check is every problem that Load finds.
func Check(file string, env Lookup) diag.List {
	_, diags := Load(file, env)
	return diags
}

func newChecker(l *linked, dir string, env Lookup) *checker {
	return &checker{
		linked: l, schema: schema.New(), env: env, dir: dir,
		kinds: make(map[string]*schema.Kind, len(l.entries)), settings: make(map[string]any),
	}
}

// locate finds the real place of the file: two names of one file are one app.
func locate(p *Project, file string) {
	abs, err := filepath.Abs(file)
	if err != nil {
		abs = file // the working directory is gone; the name as given still opens
	}
	if real, err := filepath.EvalSymlinks(abs); err == nil {
		abs = real
	}
	p.File, p.Dir = abs, filepath.Dir(abs)
	p.Name = filepath.Base(p.Dir)
}

// beside is the name of the .env file in messages: the way the user wrote the directory, when that is the same one.
func beside(file, dir string) string {
	near := filepath.Dir(file)
	if real, err := filepath.EvalSymlinks(near); err == nil {
		if abs, err := filepath.Abs(real); err == nil && abs == dir {
			return filepath.Join(near, ".env")
		}
	}
	return filepath.Join(dir, ".env")
}

// over looks in the environment first, then among the variables of the .env file.
func over(env Lookup, vars map[string]Secret) Lookup {
	return func(name string) (string, bool) {
		if env != nil {
			if v, ok := env(name); ok {
				return v, true
			}
		}
		v, ok := vars[name]
		return string(v), ok
	}
}
