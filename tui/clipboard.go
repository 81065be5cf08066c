package tui

import (
	"encoding/base64"
	"errors"
	"os"
	"os/exec"
	"strings"

	tea "github.com/charmbracelet/bubbletea"
)

// maxClip bounds what is copied: terminals cut longer sequences, some of them in the middle.
const maxClip = 74 << 10

// copy puts text into the clipboard by OSC 52, which also works over ssh; inside tmux it is passed through.
func (c commands) copy(text string) tea.Cmd {
	if len(text) > maxClip {
		text = strings.ToValidUTF8(text[:maxClip], "")
	}
	return c.write("\x1b]52;c;" + base64.StdEncoding.EncodeToString([]byte(text)) + "\a")
}

// compose writes a text to a file for the user's editor.
func (c commands) compose(text string) tea.Cmd {
	return c.guard(func() tea.Msg {
		f, err := os.CreateTemp("", "ww-message-*.md")
		if err != nil {
			return doneMsg{failed: notComposed, err: err}
		}
		_, err = f.WriteString(text)
		if err = errors.Join(err, f.Close()); err != nil {
			return doneMsg{failed: notComposed, err: err}
		}
		return composeMsg{f.Name()}
	})
}

// edit gives the terminal to the user's editor for a while.
func (c commands) edit(path string) tea.Cmd {
	argv := append(strings.Fields(c.editor), path)
	return tea.ExecProcess(exec.Command(argv[0], argv[1:]...), func(err error) tea.Msg {
		defer os.Remove(path) //nolint:errcheck // a temporary file of ours
		if err != nil {
			return doneMsg{failed: notComposed, err: err}
		}
		b, err := os.ReadFile(path)
		if err != nil {
			return doneMsg{failed: notComposed, err: err}
		}
		return composedMsg{string(b)}
	})
}
