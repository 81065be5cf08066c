package agentllm

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/woodwork-lang/ww/internal/kinds/tool"
)

// todos is the file of things to do among an agent's own files.
const todos = "todos.txt"

func planningDescription() tool.Description {
	object := func(properties, required string) json.RawMessage {
		return json.RawMessage(`{"type":"object","properties":{` + properties + `},"required":[` + required + `]}`)
	}
	functions := []tool.Function{
		{Name: "ls", Description: "Lists your files.", Parameters: object("", "")},
		{Name: "read_file", Description: "Returns the text of one of your files.", Parameters: object(`"file_path":{"type":"string"}`, `"file_path"`)},
		{Name: "write_file", Description: "Writes one of your files, and replaces what was in it.", Parameters: object(`"file_path":{"type":"string"},"content":{"type":"string"}`, `"file_path","content"`)},
		{
			Name: "edit_file", Description: "Replaces a text in one of your files.",
			Parameters: object(`"file_path":{"type":"string"},"old_string":{"type":"string"},"new_string":{"type":"string"}`, `"file_path","old_string","new_string"`),
		},
		{
			Name: "write_todos", Description: "Adds things to do to the list, or changes the state of those that are on it.",
			Parameters: object(`"todos":{"anyOf":[{"type":"string"},{"type":"array","items":{"type":"string"}}]},"state":{"type":"string","enum":["pending","in_progress","completed"]}`, `"todos"`),
		},
	}
	lines := []string{"Files of your own, and a list of things to do. Call a function by its name as the action, with its arguments as inputs."}
	for _, f := range functions {
		lines = append(lines, "[FUNCTION] "+f.Name, "[DOCUMENTATION] "+f.Description)
	}
	return tool.Description{Type: planningTools, Text: strings.Join(lines, "\n"), Functions: functions}
}

// plan does what is asked of the agent's own files. They cannot be left: the root holds.
func (a *agent) plan(c action) any {
	dir := filepath.Join(a.dir, ".woodwork", "agent_fs")
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return "Error: " + err.Error()
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		return "Error: " + err.Error()
	}
	defer root.Close() //nolint:errcheck // nothing is written through it
	name := textOr(c.Inputs["file_path"], textOr(c.Inputs["path"], ""))
	switch c.Action {
	case "ls":
		return listed(root)
	case "read_file":
		return readFile(root, name)
	case "write_file":
		return writeFile(root, name, textOr(c.Inputs["content"], ""))
	case "edit_file":
		return editFile(root, name, textOr(c.Inputs["old_string"], ""), textOr(c.Inputs["new_string"], ""))
	case "write_todos":
		return writeTodos(root, c.Inputs["todos"], textOr(c.Inputs["state"], "pending"))
	}
	return "Error: " + string(tool.UnknownFunction(c.Action, planningDescription().Functions).Body)
}

func listed(root *os.Root) any {
	names := []any{}
	err := fs.WalkDir(root.FS(), ".", func(path string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			names = append(names, path)
		}
		return err
	})
	if err != nil {
		return "Error: " + err.Error()
	}
	return names
}

func readFile(root *os.Root, name string) any {
	b, err := root.ReadFile(name)
	if err != nil {
		return fileError(name, err)
	}
	return string(b)
}

func writeFile(root *os.Root, name, content string) any {
	if dir := filepath.Dir(name); dir != "." {
		if err := root.MkdirAll(dir, 0o700); err != nil {
			return fileError(name, err)
		}
	}
	if err := root.WriteFile(name, []byte(content), 0o600); err != nil {
		return fileError(name, err)
	}
	return "Wrote " + name + "."
}

func editFile(root *os.Root, name, old, fresh string) any {
	b, err := root.ReadFile(name)
	switch {
	case err != nil:
		return fileError(name, err)
	case old == "" || !strings.Contains(string(b), old):
		return "Error: the text to replace is not in " + name + "."
	}
	return writeFile(root, name, strings.Replace(string(b), old, fresh, 1))
}

func fileError(name string, err error) string {
	if errors.Is(err, fs.ErrNotExist) {
		return "Error: there is no file " + name + "."
	}
	if !filepath.IsLocal(name) {
		return "Error: " + name + " lies outside of the planning files; only what is in them can be reached, by names such as todos.txt."
	}
	return "Error: " + err.Error()
}

// writeTodos keeps one line for each thing to do: its state, then what it is.
func writeTodos(root *os.Root, what any, state string) any {
	var items []string
	switch v := what.(type) {
	case string:
		items = strings.Split(strings.TrimSpace(v), "\n")
	case []any:
		for _, item := range v {
			items = append(items, tool.Show(item))
		}
	}
	if state != "pending" && state != "in_progress" && state != "completed" {
		return "Error: the state of a thing to do is pending, in_progress or completed."
	}
	b, err := root.ReadFile(todos)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fileError(todos, err)
	}
	lines := strings.FieldsFunc(string(b), func(r rune) bool { return r == '\n' })
	var said []string
	for _, item := range items {
		if item = strings.TrimSpace(item); item == "" {
			continue
		}
		line := fmt.Sprintf("[%s] %s", state, item)
		said = append(said, line)
		lines = replaced(lines, item, line)
	}
	if err := root.WriteFile(todos, []byte(strings.Join(lines, "\n")+"\n"), 0o600); err != nil {
		return fileError(todos, err)
	}
	return strings.Join(said, "\n")
}

func replaced(lines []string, item, line string) []string {
	for i, l := range lines {
		if _, text, ok := strings.Cut(l, "] "); ok && text == item {
			lines[i] = line
			return lines
		}
	}
	return append(lines, line)
}
