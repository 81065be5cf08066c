package project

import (
	"path/filepath"
	"slices"

	"github.com/woodwork-lang/ww/internal/diag"
	"github.com/woodwork-lang/ww/internal/schema"
	"github.com/woodwork-lang/ww/parser"
)

// Source is what a project is read from.
type Source struct {
	File    string // the .ww file
	Text    []byte // what stands in place of the file's text, as an editor has it before it is saved; nil reads the file
	EnvFile string // a .env file in place of the one beside the .ww file; it has to be there
	// Offline has every model of a service played by a script or a stand-in: no key is needed.
	Offline bool
	Script  string // with Offline: the file that the models play; empty: offline.script beside the .ww file, if there is one
	Env     Lookup // the environment, which is asked before the .env file; nil is an empty one
}

// Load reads a .ww file and the .env beside it and works out what it asks for, in order to run it. It starts and
// executes nothing. All problems of the file come in one list, sorted by place. The project is never nil; with an error
// in the list it holds what was understood, for tools, and must not be run.
func Load(file string, env Lookup) (*Project, diag.List) { return Source{File: file, Env: env}.Load() }

// LoadText is [Load] for a text that stands in place of the file's.
func LoadText(file string, src []byte, env Lookup) (*Project, diag.List) {
	return Source{File: file, Text: given(src), Env: env}.Load()
}

// Check is [Load] for whoever only wants to know whether the file is right. Such a project has no Hash and must not be run.
func Check(file string, env Lookup) (*Project, diag.List) {
	return Source{File: file, Env: env}.Check()
}

// CheckText is [Check] for a text that stands in place of the file's.
func CheckText(file string, src []byte, env Lookup) (*Project, diag.List) {
	return Source{File: file, Text: given(src), Env: env}.Check()
}

// given is a text that is there even when it is empty.
func given(src []byte) []byte {
	if src == nil {
		return []byte{}
	}
	return src
}

// Load is the function of this name.
func (s Source) Load() (*Project, diag.List) { return s.load(true) }

// Check is the function of this name.
func (s Source) Check() (*Project, diag.List) { return s.load(false) }

// Again loads what the project was loaded from, as it is now. file names it whatever the working directory is.
func (p *Project) Again(file string) (*Project, diag.List) {
	s := p.source
	s.File, s.Text = file, nil
	return s.Load()
}

func (s Source) load(run bool) (*Project, diag.List) {
	p := &Project{source: s, EnvFile: s.EnvFile, Settings: map[string]any{}}
	r, diags := s.read()
	locate(p, s.File)
	if r == nil {
		p.Dir = filepath.Dir(s.File)
		return p, diags
	}
	p.Sources, p.Env = diag.Sources{s.File: r.file.Src}, r.vars
	c := r.checker
	c.offline = s.Offline
	p.Components = c.implyModels(c.components())
	c.set()
	c.carried()
	c.beats()
	c.ownBeats(p.Components)
	c.stdin()
	p.Settings = c.settings
	linked := without("W_BARE_WORD", c.linked.diags, c.diags) // a word that is taken as text, where that text is an error
	linked = outside("W_UNKNOWN_TARGET", linked, c.diags)     // what stands in a block that should not stand there
	checked := without("E_BAD_TYPE", c.diags, c.linked.diags) // a word that is no component, where one is wanted
	diags = slices.Concat(diags, linked, checked)

	if len(p.Components) == 0 && !diags.HasErrors() {
		diags = append(diags, empty(s.File))
	}
	if !diags.HasErrors() {
		var more diag.List
		p.Components, more = c.route(p.Components)
		diags = append(diags, more...)
		p.addMaster((&router{checker: c}).free)
	}
	if s.Offline {
		p.playModels(s.Script)
	}
	if run {
		p.Hash = sum(p)
	}
	diags.Sort()
	return p, diags
}

// without leaves the problems of one code out where another list has an error, of which they would be the echo.
func without(code string, problems, others diag.List) diag.List {
	wrong := map[diag.Pos]bool{}
	for _, d := range others {
		if d.Severity == diag.Error {
			wrong[d.Span.Start] = true
		}
	}
	echo := func(d diag.Diagnostic) bool { return d.Code == code && wrong[d.Span.Start] }
	return slices.DeleteFunc(slices.Clone(problems), echo)
}

// outside leaves the problems of one code out that stand within an error of another list.
func outside(code string, problems, others diag.List) diag.List {
	return slices.DeleteFunc(problems, func(d diag.Diagnostic) bool {
		return d.Code == code && slices.ContainsFunc(others, func(o diag.Diagnostic) bool {
			return o.Severity == diag.Error && o.Span.Start.Offset < d.Span.Start.Offset && d.Span.End.Offset < o.Span.End.Offset
		})
	})
}

// sourced is a file that has been read, parsed and linked, and what checks it.
type sourced struct {
	file    *parser.File
	vars    map[string]Secret
	checker *checker
}

// read reads what the source names. It is nil when that was not possible; the problems of form are in the list already.
func (s Source) read() (*sourced, diag.List) {
	text := s.Text
	if text == nil {
		var diags diag.List
		if text, diags = read(s.File); len(diags) > 0 {
			return nil, diags
		}
	}
	var place Project
	locate(&place, s.File)
	vars, diags := s.dotenv(place.Dir)
	f, problems := parser.Parse(s.File, text)
	return &sourced{file: f, vars: vars, checker: newChecker(link(f, problems), place.Dir, over(s.Env, vars))}, append(diags, problems...)
}

func (s Source) dotenv(dir string) (map[string]Secret, diag.List) {
	if s.EnvFile != "" {
		return dotenv(s.EnvFile, s.Env, true)
	}
	return dotenv(beside(s.File, dir), s.Env, false)
}

func newChecker(l *linked, dir string, env Lookup) *checker {
	return &checker{
		linked: l, schema: schema.New(), env: env, dir: dir,
		kinds: make(map[string]*schema.Kind, len(l.entries)), settings: make(map[string]any), secrets: map[string]bool{},
		agents: map[*schema.Kind]*schema.Kind{},
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
