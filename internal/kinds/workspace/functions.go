package workspace

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/woodwork-lang/ww/internal/kinds/tool"
)

// function is one that agents may call.
type function struct {
	tool.Function
	also   string // another name of it
	runs   bool   // it runs a command of the agent's
	inputs []input
	do     func(*job) (string, error)
}

type input struct {
	name, typ string
	optional  bool
}

func (f function) first() string { return f.inputs[0].name }

// job is one call.
type job struct {
	w       *workspace
	ctx     context.Context //nolint:containedctx // it lives as long as the call
	session string
	in      map[string]any
}

// text is an input that has to be there.
func (j *job) text(name string) (string, error) {
	s, ok := j.in[name].(string)
	if !ok {
		return "", errInput(name, "a text")
	}
	return s, nil
}

func (j *job) textOr(name, otherwise string) string {
	if s, ok := j.in[name].(string); ok {
		return s
	}
	return otherwise
}

func (j *job) number(name string, otherwise int) int {
	if n, ok := tool.Number(j.in[name]); ok {
		return n
	}
	return otherwise
}

func (j *job) flag(name string) bool { b, _ := j.in[name].(bool); return b }

// signed builds a function from its signature, as in "path, offset?: integer".
func signed(name, signature, doc string, do func(*job) (string, error)) function {
	f := function{Function: tool.Function{Name: name, Description: doc}, do: do}
	properties, required := map[string]any{}, []string{}
	for _, part := range strings.Split(signature, ", ") {
		if part == "" {
			continue
		}
		name, typ, typed := strings.Cut(part, ": ")
		if !typed {
			typ = "string"
		}
		name, optional := strings.CutSuffix(name, "?")
		f.inputs = append(f.inputs, input{name, typ, optional})
		properties[name] = map[string]any{"type": typ}
		if typ == "array" {
			properties[name] = map[string]any{"type": typ, "items": map[string]any{"type": "object"}}
		}
		if !optional {
			required = append(required, name)
		}
	}
	b, err := json.Marshal(map[string]any{"type": "object", "properties": properties, "required": required})
	if err != nil {
		panic("workspace: a schema is plain data: " + err.Error())
	}
	f.Parameters = b
	return f
}

func described(all []function) []tool.Function {
	out := []tool.Function{}
	for _, f := range all {
		out = append(out, f.Function)
	}
	return out
}

func commandTools() []function {
	run := signed("run", "input", "Runs a command and returns what it prints.", func(j *job) (string, error) { return j.run("input") })
	run.runs = true
	return []function{run}
}

func codingTools() []function {
	run := signed("execute_command", "command", "Runs a command in the workspace and returns what it prints.", func(j *job) (string, error) { return j.run("command") })
	run.also, run.runs = "run", true
	list := signed("list_files", "path?", "Lists the files of a directory.", (*job).list)
	list.also = "ls"
	sync := signed("sync_to_vector_db", "", "Makes the files searchable.", (*job).sync)
	sync.also = "sync"
	all := append([]function{run, list}, files()...)
	return append(all, sync, signed("force_setup_rerun", "", "Runs the setup scripts again.", (*job).again))
}

func codeTools() []function {
	all := []function{
		signed("ls", "", "Lists the files.", (*job).list), signed("sync", "", "Makes the files searchable.", (*job).sync),
		signed("create_file", "path", "Makes an empty file.", (*job).create),
		signed("insert_code_at_line", "path, line_number: integer, code", "Puts lines before a line.", (*job).insert),
		signed("validate_syntax", "file_path, language?", "Says whether the syntax of a file is right.", (*job).validate),
	}
	return append(all, files()...)
}

// files are the functions that every kind with files has.
func files() []function {
	return []function{
		signed("read_file", "file_path, offset?: integer, limit?: integer", "Returns the lines of a file with their numbers; offset is the first one, from 0.", (*job).read),
		signed("write_file", "file_path, content", "Writes a file, and replaces what was in it.", (*job).write),
		signed("edit_file", "file_path, old_string, new_string, replace_all?: boolean", "Replaces a text in a file.", (*job).edit),
		signed("multi_edit", "file_path, edits: array", "Makes several replacements in a file, all or none; each is {old_string, new_string, replace_all?}.", (*job).multiEdit),
		signed("search_in_files", "pattern, file_glob?, context_lines?: integer, case_insensitive?: boolean", "Finds lines by a regular expression.", (*job).search),
		signed("find_files", "pattern, path?", "Finds files by a pattern of their names, as in *.py.", (*job).find),
		signed("backup_file", "file_path", "Keeps a copy of a file beside it.", (*job).backup),
		signed("restore_backup", "file_path, backup_name", "Puts such a copy back.", (*job).restore),
	}
}

// sync is for a later version.
func (j *job) sync() (string, error) {
	return "", fmt.Errorf("%s: files of a workspace are not made searchable in this version; ww embed reads documents into a knowledge base", j.w.name)
}
