package tui

import (
	"context"
	"encoding/base64"
	"errors"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"time"

	tea "github.com/charmbracelet/bubbletea"
)

// maxClip bounds what is copied: terminals cut longer sequences, some of them in the middle.
const maxClip = 74 << 10

// toolWithin is how long a program of the machine may take to put text into the clipboard.
const toolWithin = 2 * time.Second

// copy puts text into the clipboard by OSC 52, which also works over ssh, and by a program of this machine, because not
// every terminal takes the sequence.
func (c commands) copy(text string) tea.Cmd {
	whole := text
	if len(text) > maxClip {
		text = strings.ToValidUTF8(text[:maxClip], "")
	}
	return tea.Batch(c.write("\x1b]52;c;"+base64.StdEncoding.EncodeToString([]byte(text))+"\a"), c.clip(whole))
}

// clip hands text to the program that has the clipboard here; when there is none, or it fails, the terminal has the text.
func (c commands) clip(text string) tea.Cmd {
	if len(c.clipboard) == 0 {
		return nil
	}
	return c.guard(func() tea.Msg {
		ctx, cancel := context.WithTimeout(c.ctx, toolWithin)
		defer cancel()
		tool := exec.CommandContext(ctx, c.clipboard[0], c.clipboard[1:]...)
		tool.Stdin = strings.NewReader(text)
		_ = tool.Run() // the terminal was told, too
		return nil
	})
}

// clipboard is the program that puts text into the clipboard of the person's desktop; none over ssh.
func (o Options) clipboard() []string {
	tools := []struct {
		when string
		argv []string
	}{
		{"TMUX", []string{"tmux", "load-buffer", "-w", "-"}},
		{"WAYLAND_DISPLAY", []string{"wl-copy"}},
		{"DISPLAY", []string{"xclip", "-selection", "clipboard"}},
		{"DISPLAY", []string{"xsel", "--input", "--clipboard"}},
		{"HOME", []string{"pbcopy"}},
	}
	for _, t := range tools {
		if o.Getenv(t.when) == "" || t.argv[0] == "pbcopy" && runtime.GOOS != "darwin" {
			continue
		}
		if _, err := exec.LookPath(t.argv[0]); err == nil {
			return t.argv
		}
	}
	return nil
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
	cmd := exec.Command(argv[0], argv[1:]...)
	// The terminal itself: through pipes no editor works, and the end of one would be waited for until a key is pressed.
	cmd.Stdin, cmd.Stdout, cmd.Stderr = c.term.in, c.term.out, c.term.out
	return tea.ExecProcess(cmd, func(err error) tea.Msg {
		defer os.Remove(path) //nolint:errcheck // a temporary file of ours
		if err != nil {
			return composedMsg{err: err}
		}
		b, err := os.ReadFile(path)
		return composedMsg{string(b), err}
	})
}
