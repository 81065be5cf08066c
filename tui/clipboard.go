package tui

import (
	"encoding/base64"
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

// compose opens the user's editor on a text.
func (c commands) compose(text string) tea.Cmd {
	f, err := os.CreateTemp("", "ww-message-*.md")
	if err != nil {
		return c.failed(notComposed, err)
	}
	path := f.Name()
	_, err = f.WriteString(text)
	if err2 := f.Close(); err == nil {
		err = err2
	}
	if err != nil {
		return c.failed(notComposed, err)
	}
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

func (c commands) failed(what string, err error) tea.Cmd {
	return func() tea.Msg { return doneMsg{failed: what, err: err} }
}

// names says whether a text has a word, bounded by what cannot be part of an id.
func names(text, word string) bool {
	for {
		i := strings.Index(text, word)
		if i < 0 {
			return false
		}
		end := i + len(word)
		if (i == 0 || !idByte(text[i-1])) && (end == len(text) || !idByte(text[end])) {
			return true
		}
		text = text[end:]
	}
}

func idByte(b byte) bool {
	return b == '-' || b == '_' || b >= '0' && b <= '9' || b >= 'a' && b <= 'z' || b >= 'A' && b <= 'Z'
}
