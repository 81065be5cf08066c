package cli

import (
	"io"
	"log/slog"
	"os"
	"path/filepath"

	"golang.org/x/sys/unix"

	"github.com/woodwork-lang/ww/internal/app"
	"github.com/woodwork-lang/ww/internal/component"
	"github.com/woodwork-lang/ww/internal/logbuf"
	"github.com/woodwork-lang/ww/internal/secret"
)

// The streams of a component's log besides ww's own.
const (
	streamOut = "stdout"
	streamErr = "stderr"
)

// runnerLog is where a runner and its user code write. Without a supervisor that is the terminal.
type runnerLog struct {
	out, err io.Writer
	log      *slog.Logger
	file     *logbuf.Log    // nil on a terminal
	mask     *secret.Masker // of everything that others may read
}

func openRunnerLog(o componentOptions, spec component.Spec) (*runnerLog, error) {
	mask := secret.New(spec.Secrets)
	if o.File != "" {
		return &runnerLog{out: o.Out, err: o.Err, log: slog.New(slog.NewTextHandler(o.Err, nil)), mask: mask}, nil
	}
	l, err := logbuf.Open(filepath.Join(spec.App.StateDir, app.LogsDir), logbuf.Options{
		Component: spec.Name, Instance: spec.Instance, Rotated: follow, Mask: mask.Bytes,
	})
	if err != nil {
		return nil, err
	}
	handler := slog.NewTextHandler(l.Stream(logbuf.StreamWW), &slog.HandlerOptions{ReplaceAttr: withoutTime})
	return &runnerLog{out: l.Stream(streamOut), err: l.Stream(streamErr), log: slog.New(handler), file: l, mask: mask}, nil
}

// withoutTime: the line has one already.
func withoutTime(groups []string, a slog.Attr) slog.Attr {
	if len(groups) == 0 && a.Key == slog.TimeKey {
		return slog.Attr{}
	}
	return a
}

// follow keeps the last words of this process, a stack dump say, in the current file.
func follow(f *os.File) {
	for _, fd := range []int{1, 2} {
		_ = unix.Dup2(int(f.Fd()), fd) // then they are in the old file
	}
}

func (r *runnerLog) close() {
	if r.file != nil {
		_ = r.file.Close() // the process ends
	}
}
