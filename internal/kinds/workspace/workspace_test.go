package workspace_test

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/woodwork-lang/ww/internal/component"
	"github.com/woodwork-lang/ww/internal/kinds/tool"
	"github.com/woodwork-lang/ww/internal/kinds/workspace"
	"github.com/woodwork-lang/ww/internal/script"
)

// The test binary is its own guard.
func TestMain(m *testing.M) {
	if len(os.Args) > 1 && os.Args[1] == "guard" {
		os.Exit(script.RunGuard())
	}
	goleak.VerifyTestMain(m)
}

// space is a running workspace.
type space struct {
	t      *testing.T
	dir    string // of the project
	home   string
	kind   component.Answerer
	logged *strings.Builder
}

func start(t *testing.T, kind, typ string, config map[string]any, files ...string) *space {
	t.Helper()
	s := &space{t: t, dir: t.TempDir(), logged: &strings.Builder{}}
	for i := 0; i < len(files); i += 2 {
		if err := os.WriteFile(filepath.Join(s.dir, files[i]), []byte(files[i+1]), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	s.home = filepath.Join(s.dir, ".woodwork", "coding-env")
	if kind == "core" {
		s.home = filepath.Join(s.dir, ".woodwork", "vm")
	}
	spec := component.Spec{Name: "ws", Kind: kind, Type: typ, Config: config, App: component.App{Dir: s.dir}}
	k, err := workspace.New(spec)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := k.Start(t.Context(), component.Env{Spec: spec, Log: slog.New(slog.NewTextHandler(s.logged, nil))}); err != nil {
		t.Fatal(err)
	}
	s.kind = k.(component.Answerer)
	t.Cleanup(func() {
		if err := k.Close(context.Background()); err != nil {
			t.Error(err)
		}
	})
	return s
}

func coding(t *testing.T, config map[string]any, files ...string) *space {
	t.Helper()
	return start(t, "environment", "coding", config, files...)
}

// call calls a function with inputs "name=value"; what failed begins with "failed: ".
func (s *space) call(function string, inputs map[string]any) string {
	s.t.Helper()
	body := tool.Call{Action: function, Inputs: inputs}.Request("ws").Body
	res, err := s.kind.Answer(s.t.Context(), component.Question{Session: "s", Body: body, Chunk: func(string) {}})
	if err != nil {
		s.t.Fatal(err)
	}
	if res.ContentType == tool.Failure {
		return "failed: " + string(res.Body)
	}
	return string(res.Body)
}

func (s *space) run(command any) string {
	s.t.Helper()
	return s.call("execute_command", map[string]any{"command": command})
}

func (s *space) is(got, want string) {
	s.t.Helper()
	if got != want {
		s.t.Errorf("got %q, want %q", got, want)
	}
}

func (s *space) has(got, want string) {
	s.t.Helper()
	if !strings.Contains(got, want) {
		s.t.Errorf("got %q, want %q in it", got, want)
	}
}

func TestCommandsRunInTheWorkspace(t *testing.T) {
	s := coding(t, map[string]any{"environment_variables": map[string]any{"COLOUR": "red"}})
	s.is(s.run("echo hi > a.txt; cat /workspace/a.txt; pwd; echo $COLOUR"), "hi\n/workspace\nred")
	s.is(s.run(`echo "it's" 'two  words' >&2; exit 3`), "it's two  words\n[exit status 3]")
	s.is(s.run([]any{"echo", "a;b", "$HOME"}), "a;b $HOME")
	s.is(s.run("mkdir deep; cd deep; pwd"), "/workspace/deep")
	s.is(s.run("pwd"), "/workspace") // only a line that is nothing else moves
	s.is(s.run("cd deep"), "")
	s.is(s.run("pwd"), "/workspace/deep")
	s.has(s.run("cd ../../.."), "lies outside of the workspace")
	s.has(s.run("cd nowhere"), "there is no such file or directory")
	s.is(s.run("cat"), "") // nobody types
	t.Setenv("WW_TEST_SECRET", "secret")
	if got := s.run("env"); strings.Contains(got, "secret") {
		t.Errorf("a command sees what ww was started with: %s", got)
	}
}

func TestCommandsCannotLeaveTheWorkspace(t *testing.T) {
	if !script.Confines() {
		t.Skip("this system cannot keep commands within a directory")
	}
	s := coding(t, nil, "main.ww", "brain = llm echo {}", ".env", "KEY=secret")
	for _, c := range []string{"cat ../../.env", "echo x > ../../new", "rm ../../main.ww", "ln -s ../../.env link && cat link", "touch /etc/new", "mv ../../main.ww ."} {
		s.has(s.run(c), "ermission denied")
	}
	s.is(s.run("echo x > in && mv in out && cat out > $TMPDIR/y && rm -r $TMPDIR/y && python3 -c 'print(40+2)' 2>/dev/null || echo 42"), "42")
	if left, _ := os.ReadDir(s.dir); len(left) != 3 {
		t.Errorf("%d entries in the project", len(left))
	}
}

func TestWithoutAShellOnlyProgramsRun(t *testing.T) {
	s := coding(t, map[string]any{"shell": false})
	s.is(s.run(`echo "two  words" it\'s`), "two  words it's")
	for _, c := range []string{"echo a | cat", "echo a > b", "echo a && echo b", "echo $HOME", "echo `id`", "echo $(id)", "echo a; id"} {
		s.has(s.run(c), "set shell: true")
	}
	s.has(s.run(`echo "a`), "a quote is not closed")
}

func TestACommandThatPrintsWithoutEndIsBounded(t *testing.T) {
	s := coding(t, nil)
	got := s.run("echo begin; head -c 100000000 /dev/zero | tr '\\0' x; echo; echo end")
	if len(got) > 300<<10 || !strings.HasPrefix(got, "begin\nxxx") || !strings.HasSuffix(got, "end") {
		t.Errorf("%d bytes, %.20q … %q", len(got), got, got[len(got)-20:])
	}
	s.has(got, "[cut: 100000011 bytes in all")
}

func TestACommandThatTakesTooLongIsStopped(t *testing.T) {
	s := coding(t, map[string]any{"command_timeout": "300ms"})
	began := time.Now()
	s.has(s.run("echo before; sleep 60 & sleep 60"), "the command was stopped after 300ms; set command_timeout to let it go on longer. It printed:\nbefore")
	if took := time.Since(began); took > 10*time.Second {
		t.Errorf("it took %v", took)
	}
}

func TestCommandsDoNotHoldUpEachOther(t *testing.T) {
	s := coding(t, nil)
	s.run("true") // set up
	done := make(chan string)
	go func() { done <- s.run("until [ -e go ]; do sleep 0.01; done; echo gone") }()
	s.is(s.call("write_file", map[string]any{"file_path": "go", "content": ""}), "0 bytes were written")
	s.is(<-done, "gone")
}

func TestFilesAreReadWrittenAndChanged(t *testing.T) {
	s := coding(t, nil)
	file := func(more map[string]any) map[string]any {
		in := map[string]any{"file_path": "deep/a.py"}
		for k, v := range more {
			in[k] = v
		}
		return in
	}
	s.is(s.call("write_file", file(map[string]any{"content": "def f():\n    return 1\n\nx = f()\n"})), "31 bytes were written")
	s.is(s.call("read_file", map[string]any{"file_path": "/workspace/deep/a.py", "offset": 1.0, "limit": 1.0}), "     2\t    return 1")
	s.has(s.call("read_file", file(map[string]any{"offset": 9.0})), "has 4 lines")
	s.has(s.call("edit_file", file(map[string]any{"old_string": "f()", "new_string": "g()"})), "old_string is 2 times in deep/a.py")
	s.has(s.call("edit_file", file(map[string]any{"old_string": "h()", "new_string": "g()"})), "old_string is not in deep/a.py")
	s.is(s.call("edit_file", file(map[string]any{"old_string": "f()", "new_string": "g()", "replace_all": true})), "2 replacements were made")
	edits := func(pairs ...string) map[string]any {
		var list []any
		for i := 0; i < len(pairs); i += 2 {
			list = append(list, map[string]any{"old_string": pairs[i], "new_string": pairs[i+1]})
		}
		return file(map[string]any{"edits": list})
	}
	s.has(s.call("multi_edit", edits("return 1", "return 2", "nothing", "x")), "edit 2: old_string is not in deep/a.py; it must be exactly as in the file, with spaces and line ends; nothing was changed")
	s.is(s.call("multi_edit", edits("return 1", "return 2", "x = ", "y = ")), "2 replacements were made")
	s.is(s.run("cat deep/a.py"), "def g():\n    return 2\n\ny = g()")
	s.is(s.call("search_in_files", map[string]any{"pattern": "RETURN", "case_insensitive": true, "file_glob": "*.py", "context_lines": 1.0}), "deep/a.py-1-def g():\ndeep/a.py:2:    return 2\ndeep/a.py-3-")
	s.is(s.call("search_in_files", map[string]any{"pattern": "it's"}), "No matches are found.")
	s.has(s.call("search_in_files", map[string]any{"pattern": "("}), "no regular expression")
	s.has(s.call("find_files", map[string]any{"pattern": "a.py*"}), "deep/a.py\ndeep/a.py.backup_")
	kept := strings.TrimPrefix(s.call("backup_file", file(nil)), "kept as deep/")
	s.is(s.call("write_file", file(map[string]any{"content": ""})), "0 bytes were written")
	s.has(s.call("read_file", file(nil)), "it is empty")
	s.has(s.call("restore_backup", file(map[string]any{"backup_name": kept})), "put back")
	s.has(s.call("read_file", file(nil)), "y = g()")
	s.is(s.call("list_files", nil), "deep/")
	s.has(s.call("read_file", nil), "the input file_path is missing")
	s.has(s.call("fly", nil), `there is no function "fly"; the functions are: execute_command, list_files`)
}

func TestPathsCannotLeaveTheWorkspace(t *testing.T) {
	s := coding(t, nil, "main.ww", "secret")
	if err := os.MkdirAll(s.home, 0o700); err != nil {
		t.Fatal(err)
	}
	for name, to := range map[string]string{"up": "../..", "file": filepath.Join(s.dir, "main.ww")} {
		if err := os.Symlink(to, filepath.Join(s.home, name)); err != nil {
			t.Fatal(err)
		}
	}
	for _, p := range []string{"../../main.ww", "/etc/passwd", "up/main.ww", "file", "a/../../../main.ww", "/workspace/../../main.ww"} {
		for f, in := range map[string]map[string]any{
			"read_file":   {},
			"write_file":  {"content": "evil"},
			"edit_file":   {"old_string": "secret", "new_string": "evil"},
			"backup_file": {},
		} {
			in["file_path"] = p
			if got := s.call(f, in); p != "file" && !strings.Contains(got, "lies outside of the workspace") || strings.Contains(got, "secret") && !strings.Contains(got, "old_string") {
				t.Errorf("%s %s: %s", f, p, got)
			}
		}
	}
	if b, err := os.ReadFile(filepath.Join(s.dir, "main.ww")); err != nil || string(b) != "secret" {
		t.Errorf("%q, %v", b, err)
	}
	s.has(s.call("list_files", map[string]any{"path": "up"}), "lies outside of the workspace")
}

func TestTheSetupRunsOnceAndIsToldWhenItFails(t *testing.T) {
	s := coding(t, map[string]any{
		"setup_scripts":   []any{"/workspace/setup.sh", map[string]any{"command": "echo again >> /workspace/log"}},
		"startup_scripts": []any{"echo up >> log"},
	}, "setup.sh", "#!/bin/sh\necho once >> /workspace/log\n")
	if strings.Contains(s.logged.String(), "Permission") {
		t.Error(s.logged)
	}
	script := filepath.Join(s.dir, "setup.sh")
	if err := os.WriteFile(script, []byte("#!/bin/sh\necho once >> log\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	s.is(s.run("cat log"), "once\nagain\nup")
	s.is(s.run("cat log"), "once\nagain\nup")
	s.is(s.call("force_setup_rerun", nil), "the setup scripts were run again")
	s.is(s.run("wc -l < log"), "6")
	bad := coding(t, map[string]any{"setup_scripts": []any{"echo no >&2; exit 4"}})
	bad.has(bad.run("true"), "the workspace is not set up: echo no >&2; exit 4: exit status 4: no")
	off := coding(t, map[string]any{"offline": true, "repo_url": "a/b", "setup_scripts": []any{"exit 1"}})
	off.is(off.run("echo fine"), "fine")
}

func TestOlderKindsShareADirectory(t *testing.T) {
	cl := start(t, "core", "command_line", nil)
	cl.is(cl.call("run", map[string]any{"input": `echo "{\"a\": 1}" > /home/ubuntu/repo/a.json`}), "")
	spec := component.Spec{Name: "code", Kind: "core", Type: "code", Config: map[string]any{"offline": true}, App: component.App{Dir: cl.dir}}
	k, err := workspace.New(spec)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := k.Start(t.Context(), component.Env{Spec: spec, Log: slog.New(slog.DiscardHandler)}); err != nil {
		t.Fatal(err)
	}
	code := &space{t: t, kind: k.(component.Answerer)}
	code.is(code.call("read_file", map[string]any{"file_path": "a.json"}), "     1\t{\"a\": 1}")
	code.is(code.call("create_file", map[string]any{"path": "b.txt"}), "the file is there")
	code.is(code.call("insert_code_at_line", map[string]any{"path": "a.json", "line_number": 1.0, "code": "{"}), "the code stands at line 1")
	code.is(code.call("ls", nil), "a.json\nb.txt")
	code.has(code.call("sync", nil), "ww embed")
}

func TestWithoutDockerItSaysWhatToDo(t *testing.T) {
	bin := t.TempDir()
	for name, c := range map[string]struct{ script, want string }{
		"no engine":  {"#!/bin/sh\necho 'Cannot connect to the Docker daemon' >&2; exit 1\n", "docker: true, and docker does not work here: Cannot connect to the Docker daemon; start or install it, or leave docker out"},
		"no program": {"", "there is no program docker on the PATH"},
	} {
		t.Run(name, func(t *testing.T) {
			dir := filepath.Join(bin, strings.ReplaceAll(name, " ", "-"))
			if err := os.MkdirAll(dir, 0o700); err != nil {
				t.Fatal(err)
			}
			if c.script != "" {
				if err := os.WriteFile(filepath.Join(dir, "docker"), []byte(c.script), 0o700); err != nil {
					t.Fatal(err)
				}
			}
			t.Setenv("PATH", dir)
			spec := component.Spec{Name: "ws", Kind: "environment", Type: "coding", Config: map[string]any{"docker": true}, App: component.App{Dir: t.TempDir()}}
			k, err := workspace.New(spec)
			if err != nil {
				t.Fatal(err)
			}
			_, err = k.Start(t.Context(), component.Env{Spec: spec, Log: slog.New(slog.DiscardHandler)})
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got %v, want %s", err, c.want)
			}
		})
	}
}

// A docker of the test's own writes down what it is asked.
func TestInAContainerCommandsGoThroughDocker(t *testing.T) {
	bin, asked := t.TempDir(), filepath.Join(t.TempDir(), "asked")
	fake := fmt.Sprintf("#!/bin/sh\necho \"$@\" >> %s\ncase $1 in start|image) exit 1;; exec) shift 4; [ \"$1\" = -e ] && shift 2; shift; exec \"$@\";; esac\n", asked)
	if err := os.WriteFile(filepath.Join(bin, "docker"), []byte(fake), 0o700); err != nil {
		t.Fatal(err)
	}
	t.Setenv("PATH", bin+":"+os.Getenv("PATH"))
	s := coding(t, map[string]any{"docker": true, "dockerfile": "FROM x", "container_name": "box", "environment_variables": map[string]any{"KEY": "sk-value"}})
	s.is(s.run("echo $KEY"), "sk-value")
	b, err := os.ReadFile(asked)
	if err != nil {
		t.Fatal(err)
	}
	got := string(b)
	for _, want := range []string{"version", "start box", "build -t coding-env -", "run -d --name box -v " + s.home + ":/workspace -w /workspace", "exec -i -w /workspace -e KEY box sh -c echo $KEY"} {
		s.has(got, want)
	}
	if strings.Contains(got, "sk-value") {
		t.Errorf("a value in argv: %s", got)
	}
}
