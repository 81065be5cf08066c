package cli

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"github.com/woodwork-lang/ww/internal/bench"
	"github.com/woodwork-lang/ww/internal/event"
	"github.com/woodwork-lang/ww/internal/script"
)

// The functions of the bench "script", and the app that has them.
const (
	scriptSource = `in = input command_line { to: model }
model = llm echo { to: out }
out = output console {}
fx = api functions { path: "fx.py", timeout: 1 }
`
	scriptFunctions = `import time


def add(a, b=2):
    return a + b


def slow():
    time.sleep(0.2)
    return "slow"


def endless():
    while True:
        pass
`
	// rawScript answers a line with a line, and does nothing else.
	rawScript = `import json, sys
from fx import add
for line in sys.stdin:
    m = json.loads(line)
    sys.stdout.write(json.dumps({"id": m["id"], "result": add(**m["inputs"])}) + "\n")
    sys.stdout.flush()
`
	// twoSource is a file of two components; the output is implied.
	twoSource = `in = input command_line { to: model }
model = llm echo {}
`
)

// The sizes of the bench "script".
const (
	scriptCalls    = 2000
	scriptSessions = 50
	scriptStarts   = 7
	scriptSleep    = 200 * time.Millisecond
	scriptLimit    = time.Second // timeout of fx
)

// scriptRows are the costs of user code in Python. Without Python there are none.
func scriptRows(ctx context.Context, self bench.Self, dir string) ([]bench.Row, error) {
	python := script.Interpreter(dir)
	if _, err := exec.LookPath(python); err != nil {
		return nil, fmt.Errorf("this area needs python3: %w", err)
	}
	if err := os.WriteFile(filepath.Join(dir, "fx.py"), []byte(scriptFunctions), 0o600); err != nil {
		return nil, err
	}
	ready, err := twoRow(ctx, self, filepath.Join(dir, "two"))
	if err != nil {
		return nil, err
	}
	first, err := firstCallRow(ctx, python, dir)
	if err != nil {
		return nil, err
	}
	b, err := runBenched(ctx, dir, scriptSource)
	if err != nil {
		return nil, err
	}
	rows, err := runningScriptRows(ctx, b, python, dir)
	if err = errors.Join(err, b.close()); err != nil {
		return nil, err
	}
	return append([]bench.Row{ready, first}, rows...), nil
}

func runningScriptRows(ctx context.Context, b *benched, python, dir string) ([]bench.Row, error) {
	call, err := callRow(ctx, b, python, dir)
	if err != nil {
		return nil, err
	}
	many, err := manyRow(ctx, b)
	if err != nil {
		return nil, err
	}
	endless, err := endlessRow(ctx, b)
	return []bench.Row{call, many, endless}, err
}

// function is one call, as an agent makes it; problem is what the function's failure says.
func (b *benched) function(ctx context.Context, session, id, body string) (problem string, err error) {
	m := event.Message{Header: event.Header{ID: id, CorrelationID: id, Type: event.TypeProcess, Subject: "fx", Session: session, DataContentType: "application/json"}, Body: []byte(body)}
	reply, err := b.seat.Call(ctx, "fx", m, nil)
	if err == nil && strings.Contains(reply.DataContentType, "failure") {
		return string(reply.Body), nil
	}
	return "", err
}

// twoRow starts a file of two components.
func twoRow(ctx context.Context, self bench.Self, dir string) (bench.Row, error) {
	var took, spawned []time.Duration
	for n := range scriptStarts {
		d := fmt.Sprint(dir, n)
		if err := os.Mkdir(d, 0o700); err != nil {
			return bench.Row{}, err
		}
		b, err := runBenched(ctx, d, twoSource)
		if err != nil {
			return bench.Row{}, err
		}
		took = append(took, b.took)
		if err := b.close(); err != nil {
			return bench.Row{}, err
		}
		began := time.Now()
		if err := bench.Spawn(ctx, self, 3); err != nil {
			return bench.Row{}, err
		}
		spawned = append(spawned, time.Since(began))
	}
	return bench.Single("a file of two components (and the output it implies): from the order to all READY", took, 100*time.Millisecond, 0).
		Beside("as many processes of this binary that do nothing", spawned), nil
}

// firstCallRow is the first call, made as soon as the app is READY.
func firstCallRow(ctx context.Context, python, dir string) (bench.Row, error) {
	var took, own []time.Duration
	for n := range scriptStarts {
		d := filepath.Join(dir, fmt.Sprint("first", n))
		err := errors.Join(os.Mkdir(d, 0o700), os.WriteFile(filepath.Join(d, "fx.py"), []byte(scriptFunctions), 0o600))
		if err != nil {
			return bench.Row{}, err
		}
		b, err := runBenched(ctx, d, scriptSource)
		if err != nil {
			return bench.Row{}, err
		}
		began := time.Now()
		_, err = b.function(ctx, "s", "first", `{"action":"add","inputs":{"a":1}}`)
		took = append(took, time.Since(began))
		if err = errors.Join(err, b.close()); err != nil {
			return bench.Row{}, err
		}
		began = time.Now()
		if err := exec.CommandContext(ctx, python, "-c", "pass").Run(); err != nil {
			return bench.Row{}, err
		}
		own = append(own, time.Since(began))
	}
	row := bench.Single("the first call of a Python function, at the moment of READY", took, 0, 0).Beside(python+" -c pass, whole process", own)
	return beyond(row, 50), nil
}

// beyond is the goal that a row is at most so many milliseconds above its baseline, at the median.
func beyond(r bench.Row, ms float64) bench.Row {
	ok := r.Value-r.BaselineValue <= ms
	r.Goal, r.OK = fmt.Sprintf("p50 ≤ baseline + %g ms", ms), &ok
	return r
}

// callRow is a call of a function that does nothing, beside a line on a pipe to a Python that does as little.
func callRow(ctx context.Context, b *benched, python, dir string) (bench.Row, error) {
	raw, err := startRaw(ctx, python, dir)
	if err != nil {
		return bench.Row{}, err
	}
	defer raw.end()
	var took, beside []time.Duration
	for i := range scriptCalls {
		began := time.Now()
		if _, err := b.function(ctx, "s", fmt.Sprint("call", i), `{"action":"add","inputs":{"a":1}}`); err != nil {
			return bench.Row{}, err
		}
		took = append(took, time.Since(began))
		began = time.Now()
		if err := raw.call(i); err != nil {
			return bench.Row{}, err
		}
		beside = append(beside, time.Since(began))
	}
	row := bench.Single("a call of a Python function from another process, with its receipt", took, 0, 0).
		Beside("a line to that function in a Python on a pipe, and a line back", beside)
	return beyond(row, 1), nil
}

type rawPython struct {
	cmd *exec.Cmd
	in  io.WriteCloser
	out *bufio.Reader
}

func startRaw(ctx context.Context, python, dir string) (*rawPython, error) {
	cmd := exec.CommandContext(ctx, python, "-c", rawScript)
	cmd.Dir = dir
	in, err := cmd.StdinPipe()
	if err != nil {
		return nil, err
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	return &rawPython{cmd, in, bufio.NewReader(out)}, cmd.Start()
}

func (r *rawPython) call(id int) error {
	if _, err := fmt.Fprintf(r.in, "{\"id\":%d,\"inputs\":{\"a\":1}}\n", id); err != nil {
		return err
	}
	line, err := r.out.ReadBytes('\n')
	if err == nil && !json.Valid(line) {
		err = fmt.Errorf("the raw Python said %q", line)
	}
	return err
}

func (r *rawPython) end() {
	_ = r.in.Close()
	_ = r.cmd.Wait() // it has said what it had to say
}

// manyRow is a slow function, called by as many sessions at once, beside one call of it alone.
func manyRow(ctx context.Context, b *benched) (bench.Row, error) {
	slow := func(session string) (time.Duration, error) {
		began := time.Now()
		_, err := b.function(ctx, session, "slow-"+session+began.Format("150405.000000"), `{"action":"slow"}`)
		return time.Since(began), err
	}
	var alone []time.Duration
	for range 5 {
		d, err := slow("alone")
		if err != nil {
			return bench.Row{}, err
		}
		alone = append(alone, d)
	}
	took, errs := make([]time.Duration, scriptSessions), make([]error, scriptSessions)
	var wg sync.WaitGroup
	for i := range took {
		wg.Go(func() { took[i], errs[i] = slow(fmt.Sprint("s", i)) })
	}
	wg.Wait()
	if err := errors.Join(errs...); err != nil {
		return bench.Row{}, err
	}
	row := bench.Single(fmt.Sprintf("a function that sleeps %d ms, called by %d sessions at once", scriptSleep.Milliseconds(), scriptSessions), took, 0, 0).
		Beside("one call of it alone", alone)
	ok := row.P99-row.BaselineValue <= 100
	row.Goal, row.OK = "p99 ≤ baseline + 100 ms", &ok
	return row, nil
}

// endlessRow is how long after its deadline the failure of a function that never ends arrives.
func endlessRow(ctx context.Context, b *benched) (bench.Row, error) {
	var late []time.Duration
	for i := range 5 {
		began := time.Now()
		problem, err := b.function(ctx, fmt.Sprint("endless", i), fmt.Sprint("endless", i), `{"action":"endless"}`)
		if err != nil {
			return bench.Row{}, err
		}
		if !strings.Contains(problem, "as an endless loop does") {
			return bench.Row{}, fmt.Errorf("a function that never ends failed with %q", problem)
		}
		late = append(late, time.Since(began)-scriptLimit)
	}
	return bench.Single("`while True: pass`: from its deadline to its failure at the caller", late, 50*time.Millisecond, 0), nil
}
