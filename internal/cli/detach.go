package cli

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"

	"github.com/woodwork-lang/ww/internal/app"
	"github.com/woodwork-lang/ww/internal/engine"
	"github.com/woodwork-lang/ww/internal/project"
	"github.com/woodwork-lang/ww/internal/state"
)

// reportFD is where a background supervisor says how its start went.
const reportFD = 3

// started is what it says there, in one line of JSON. With -d --json it is also what the person gets.
type started struct {
	PID        int    `json:"pid"`
	App        string `json:"app"`
	File       string `json:"file"`
	Components int    `json:"components"`
	ReadyMS    int64  `json:"ready_ms"`
	Logs       string `json:"logs"`
	Error      string `json:"error,omitempty"`
}

// report is the line to the process that waits for a start in the background; nil-safe, because a start in the
// foreground has none.
type report struct {
	pipe *os.File
}

func startReport(o devOptions) *report {
	if !o.Background {
		return &report{}
	}
	syscall.CloseOnExec(reportFD)
	return &report{pipe: os.NewFile(reportFD, "report")}
}

func (r *report) send(s started) {
	if r.pipe == nil {
		return
	}
	s.PID = os.Getpid()
	if b, err := json.Marshal(s); err == nil {
		_, _ = r.pipe.Write(append(b, '\n')) // whoever waited has gone
	}
	_ = r.pipe.Close()
	r.pipe = nil
}

func (r *report) ready(s state.State) {
	r.send(started{App: s.App, File: s.File, Components: len(s.Components), ReadyMS: s.ReadyAt.Sub(s.StartedAt).Milliseconds()})
}

func (r *report) failed(err error) { r.send(started{Error: err.Error()}) }

func (r *report) broken(c state.Component) {
	text := c.Name + " cannot start: " + c.Reason
	for _, l := range c.LastLines {
		text += "\n  │ " + l
	}
	r.send(started{Error: text})
}

// runDetached starts the supervisor in a session of its own and waits until it is ready.
func runDetached(ctx context.Context, o devOptions, a app.App, p *project.Project) error {
	a, err := a.Open(o.Env)
	if err != nil {
		return failed(err)
	}
	if a.Note != "" {
		fmt.Fprintln(o.Err, "ww: "+a.Note)
	}
	cmd, answer, err := o.background(a)
	if err != nil {
		return failed(err)
	}
	defer answer.Close()
	if err := cmd.Start(); err != nil {
		return failed(err)
	}
	s, err := await(ctx, cmd, answer)
	if err != nil {
		return err
	}
	if s.Error != "" {
		return failed(errors.New(s.Error))
	}
	s.Logs = a.Logs()
	if o.JSON {
		return failedIf(writeJSON(o.Out, s))
	}
	which := ""
	if o.File != app.DefaultFile {
		which = " -f " + o.File
	}
	fmt.Fprintf(o.Err, "%s runs in the background: %s ready in %d ms, supervisor pid %d\n", p.Name, counted(s.Components, "component"), s.ReadyMS, s.PID)
	fmt.Fprintf(o.Err, "  talk to it:  ww chat%s \"hello\"\n  look at it:  ww ps%s, ww logs%s -f\n  stop it:     ww down%s\n", which, which, strings.Replace(which, "-f", "--file", 1), which)
	return nil
}

// background is the command that becomes the supervisor, and the pipe on which it answers.
func (o devOptions) background(a app.App) (*exec.Cmd, *os.File, error) {
	log, err := os.OpenFile(filepath.Join(a.Logs(), "ww.log"), os.O_WRONLY|os.O_APPEND|os.O_CREATE|syscall.O_NOFOLLOW, 0o600)
	if err != nil {
		return nil, nil, err
	}
	r, w, err := os.Pipe()
	if err != nil {
		return nil, nil, err
	}
	args := []string{"dev", "--background", "--detach", "--trust", "--instance", a.Instance, "--timing", o.Timing, "--env-file", o.EnvFile}
	if o.Offline {
		args = append(args, "--offline", "--script", o.Script)
	}
	if o.Resume {
		args = append(args, "--resume")
	}
	args = append(args, a.File)
	cmd := exec.Command(engine.Executable(), args...)
	cmd.Args[0] = "ww"
	cmd.Stdout, cmd.Stderr = log, log
	cmd.ExtraFiles = []*os.File{w}
	cmd.Env = o.Environ
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	return cmd, r, nil
}

// await reads the answer. Interrupted, it takes the start back.
func await(ctx context.Context, cmd *exec.Cmd, answer *os.File) (started, error) {
	cmd.ExtraFiles[0].Close()
	signals := make(chan os.Signal, 2)
	signal.Notify(signals, syscall.SIGINT, syscall.SIGTERM, syscall.SIGHUP)
	defer signal.Stop(signals)
	lines := make(chan started, 1)
	go func() {
		var s started
		text, err := bufio.NewReader(answer).ReadString('\n')
		if err != nil || json.Unmarshal([]byte(text), &s) != nil {
			s.Error = "the supervisor ended before it was ready; its log: " + logOf(cmd)
		}
		lines <- s
	}()
	select {
	case s := <-lines:
		if s.Error != "" {
			_ = cmd.Wait() // it ends by itself: nothing is left running
		}
		return s, nil
	case <-signals:
	case <-ctx.Done():
	}
	_ = cmd.Process.Signal(syscall.SIGTERM)
	_ = cmd.Wait()
	return started{}, silent(exitInterrupted)
}

func logOf(cmd *exec.Cmd) string {
	if f, ok := cmd.Stderr.(*os.File); ok {
		return near(f.Name())
	}
	return "unknown"
}

// near is a path as a person would type it here: relative when that is shorter.
func near(path string) string {
	wd, err := os.Getwd()
	if err != nil {
		return path
	}
	rel, err := filepath.Rel(wd, path)
	if err != nil || strings.HasPrefix(rel, filepath.Join("..", "..")) {
		return path
	}
	return rel
}

// sayer prints a line in the form of the face that is in use.
func sayer(o devOptions) func(string) {
	if o.UI == "stream" {
		log := newPrefixed(o.Err)
		return func(text string) { log.line("ww", text) }
	}
	return func(text string) { fmt.Fprintln(o.Err, "ww: "+text) }
}
