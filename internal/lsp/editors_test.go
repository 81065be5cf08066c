package lsp_test

import (
	"context"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/woodwork-lang/ww/golden"
)

const editors = "../../editors"

// TestTheFilesForVSCodeHoldTogether finds what VS Code would only say by not working.
func TestTheFilesForVSCodeHoldTogether(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(editors, "vscode")
	var pack struct {
		Main        string
		Contributes struct {
			Languages []struct {
				ID, Configuration string
				Extensions        []string
			}
			Grammars []struct{ Language, ScopeName, Path string }
		}
	}
	load(t, filepath.Join(dir, "package.json"), &pack)
	language, grammar := pack.Contributes.Languages[0], pack.Contributes.Grammars[0]
	for _, name := range []string{pack.Main, language.Configuration, grammar.Path} {
		if _, err := os.Stat(filepath.Join(dir, name)); err != nil {
			t.Error(err)
		}
	}
	if language.ID != "ww" || grammar.Language != "ww" || language.Extensions[0] != ".ww" {
		t.Errorf("%+v", pack.Contributes)
	}
	load(t, filepath.Join(dir, language.Configuration), &map[string]any{})

	var rules struct {
		ScopeName  string
		Patterns   []json.RawMessage
		Repository map[string]json.RawMessage
	}
	load(t, filepath.Join(dir, grammar.Path), &rules)
	if rules.ScopeName != grammar.ScopeName {
		t.Errorf("the grammar is of %s, the extension says %s", rules.ScopeName, grammar.ScopeName)
	}
	text, err := json.Marshal(rules)
	if err != nil {
		t.Fatal(err)
	}
	used := map[string]bool{}
	for _, m := range regexp.MustCompile(`"include":\s*"#([^"]+)"`).FindAllStringSubmatch(string(text), -1) {
		used[m[1]] = true
		if rules.Repository[m[1]] == nil {
			t.Errorf("the grammar includes #%s, which it has not", m[1])
		}
	}
	for name := range rules.Repository {
		if !used[name] {
			t.Errorf("nothing includes #%s", name)
		}
	}
}

func load(t *testing.T, path string, v any) {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(b, v); err != nil {
		t.Fatalf("%s: %v", path, err)
	}
}

// inNeovim runs a script in a Neovim that has our plugin and nothing of the user's, and is the file out that it wrote.
func inNeovim(t *testing.T, script string, files map[string]string) string {
	t.Helper()
	nvim, err := exec.LookPath("nvim")
	if err != nil {
		t.Skip("nvim is not installed; on Debian: apt-get install neovim")
	}
	plugin, err := filepath.Abs(filepath.Join(editors, "nvim"))
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	files["probe.vim"] = "set noswapfile runtimepath^=" + plugin + "\nfiletype plugin indent on\nsyntax on\n" + script
	for name, text := range files {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	ctx, cancel := context.WithTimeout(t.Context(), 3*patience)
	defer cancel()
	cmd := exec.CommandContext(ctx, nvim, "--headless", "-u", "NONE", "-i", "NONE", "-S", "probe.vim")
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "HOME="+dir, "XDG_CONFIG_HOME="+dir, "XDG_DATA_HOME="+dir, "XDG_STATE_HOME="+dir, "XDG_CACHE_HOME="+dir)
	said, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("nvim: %v\n%s", err, said)
	}
	out, err := os.ReadFile(filepath.Join(dir, "out"))
	if err != nil {
		t.Fatalf("%v\n%s", err, said)
	}
	return string(out)
}

func TestNeovimColoursTheSample(t *testing.T) {
	t.Parallel()
	sample, err := os.ReadFile(filepath.Join(editors, "vscode", "test", "sample.ww"))
	if err != nil {
		t.Fatal(err)
	}
	golden.Equal(t, "editors/neovim", inNeovim(t, `
let g:ww_lsp = 0
edit sample.ww
let out = ['filetype ' . &filetype . ', comments ' . &commentstring]
for l in range(1, line('$'))
  let [row, last] = [l . ':', '-']
  for c in range(1, strlen(getline(l)))
    let name = synIDattr(synID(l, c, 1), 'name')
    if name !=# last && getline(l)[c - 1] !~# '\s'
      let [row, last] = [row . ' ' . substitute(name, '^ww', '', '') . ' ', name]
    endif
    let row .= getline(l)[c - 1]
  endfor
  call add(out, substitute(row, '\s\+', ' ', 'g'))
endfor
call writefile(out, 'out')
qall!
`, map[string]string{"sample.ww": string(sample)}))
}

func TestNeovimIndents(t *testing.T) {
	t.Parallel()
	const want = "a = x y {\n    k: \"{\" # {\n    l: [\n        1,\n        { m: [2] },\n    ]\n    n: {\n    }\n}\nb = 1\n"
	got := inNeovim(t, "let g:ww_lsp = 0\nedit a.ww\nnormal gg=G\nwrite! out\nqall!\n", map[string]string{
		"a.ww": strings.ReplaceAll(want, "    ", ""),
	})
	if got != want {
		t.Errorf("%s", got)
	}
}

// TestNeovimTalksToTheServer is a whole session with a client that is not ours.
func TestNeovimTalksToTheServer(t *testing.T) {
	t.Parallel()
	got := inNeovim(t, `
edit main.ww
lua <<END
local out = {}
local function say(text) table.insert(out, text) end
vim.wait(20000, function() return #vim.diagnostic.get(0) > 0 end)
for _, d in ipairs(vim.diagnostic.get(0)) do
  say(d.lnum .. ':' .. d.col .. ' ' .. d.message:gsub('\n', ' / '))
end
local function ask(method, params)
  params.textDocument = vim.lsp.util.make_text_document_params()
  local answers = vim.lsp.buf_request_sync(0, 'textDocument/' .. method, params, 20000)
  for _, a in pairs(answers or {}) do
    if a.error then say(method .. ': ' .. a.error.message) end
    return a.result
  end
end
vim.api.nvim_buf_set_text(0, 1, 29, 1, 32, { 'bot' })
vim.wait(20000, function() return #vim.diagnostic.get(0) == 0 end)
say(#vim.diagnostic.get(0) .. ' problems are left')
local hover = ask('hover', { position = { line = 1, character = 30 } })
say((hover.contents.value:gsub('\n+', ' / ')))
local edit = ask('rename', { position = { line = 1, character = 30 }, newName = 'robot' })
vim.lsp.util.apply_workspace_edit(edit, 'utf-16')
vim.lsp.util.apply_text_edits(ask('formatting', { options = { tabSize = 4, insertSpaces = true } }), 0, 'utf-16')
for _, line in ipairs(vim.api.nvim_buf_get_lines(0, 0, -1, false)) do say('| ' .. line) end
vim.fn.writefile(out, 'out')
END
qall!
`, map[string]string{"main.ww": "# 😀 people\nin = input command_line {to: bat}\nbot=llm echo {}\n"})
	golden.Equal(t, "editors/neovim-session", got)
}
