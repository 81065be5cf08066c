package script

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
)

// A fakeTree stands for processes: it ends when the test says so, or when it is killed.
type fakeTree struct {
	mu           sync.Mutex
	exited, done chan struct{}
	exit         Exit
	ignoresTerm  bool
	signals      []string // with the time since begin
	begin        time.Time
	cpu          time.Duration
	busy         bool
	closeOut     func()
	left         []int
}

func (f *fakeTree) die(e Exit) {
	f.mu.Lock()
	defer f.mu.Unlock()
	select {
	case <-f.exited:
		return
	default:
	}
	f.exit = e
	close(f.exited)
	f.closeOut()
	close(f.done)
}

func (f *fakeTree) set(change func(*fakeTree)) {
	f.mu.Lock()
	defer f.mu.Unlock()
	change(f)
}

func (f *fakeTree) note(what string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.signals = append(f.signals, fmt.Sprintf("%s at %s", what, time.Since(f.begin)))
}

func (f *fakeTree) Terminate() {
	f.note("TERM")
	if !f.ignoresTerm {
		f.die(Exit{Signal: 15})
	}
}

func (f *fakeTree) Kill() {
	f.note("KILL")
	f.die(Exit{Signal: 9})
}

func (f *fakeTree) Exited() <-chan struct{} { return f.exited }
func (f *fakeTree) Exit() Exit              { <-f.exited; return f.exit }
func (f *fakeTree) Done() <-chan struct{}   { return f.done }
func (f *fakeTree) Left() []int             { return f.left }

func (f *fakeTree) CPU() (time.Duration, bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.busy {
		f.cpu += time.Millisecond
	}
	return f.cpu, true
}

// A lockedLog may be read while it is written.
type lockedLog struct {
	mu sync.Mutex
	b  strings.Builder
}

func (l *lockedLog) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *lockedLog) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

// A stage is a Worker with a process that the test plays.
type stage struct {
	*testing.T
	w     *Worker
	tree  *fakeTree
	in    *bufio.Scanner // what the process reads
	stdin *io.PipeReader
	say   *io.PipeWriter // what it writes
	log   *lockedLog
	ended chan error
}

func setUp(t *testing.T, o Options) *stage {
	t.Helper()
	inR, inW := io.Pipe()
	outR, outW := io.Pipe()
	s := &stage{T: t, stdin: inR, in: bufio.NewScanner(inR), say: outW, log: &lockedLog{}, ended: make(chan error, 1)}
	s.tree = &fakeTree{exited: make(chan struct{}), done: make(chan struct{}), begin: time.Now(), closeOut: func() { outW.Close(); inR.Close() }}
	o.Out = s.log
	o.Ended = func(_ int, reason error) { s.ended <- reason }
	s.w = newWorker(s.tree, inW, outR, o)
	s.w.run()
	t.Cleanup(func() {
		s.tree.die(Exit{})
		<-s.w.done
	})
	return s
}

// begun is a stage whose process is ready.
func begun(t *testing.T, o Options, ready string) *stage {
	t.Helper()
	s := setUp(t, o)
	result := make(chan error, 1)
	go func() { result <- s.w.begin(t.Context()) }()
	s.hear("initialize")
	s.write(`{"jsonrpc":"2.0","method":"ready","params":` + ready + `}`)
	s.hear("lifecycle")
	if err := <-result; err != nil {
		t.Fatal(err)
	}
	return s
}

func (s *stage) write(lines ...string) {
	s.Helper()
	for _, l := range lines {
		if _, err := io.WriteString(s.say, l+"\n"); err != nil {
			s.Fatal(err)
		}
	}
}

// hear reads the next message and wants it to be of this method.
func (s *stage) hear(method string) message {
	s.Helper()
	if !s.in.Scan() {
		s.Fatalf("stdin ended before %s", method)
	}
	m, ok := parseMessage(s.in.Bytes())
	if !ok || m.Method != method {
		s.Fatalf("got %s, want %s", s.in.Bytes(), method)
	}
	return m
}

type outcome struct {
	reply Payload
	err   error
}

// ask starts a request and returns its id once the process has read it.
func (s *stage) ask(ctx context.Context, text string, chunk func(string)) (string, <-chan outcome) {
	s.Helper()
	out := make(chan outcome, 1)
	go func() {
		r, err := s.w.Process(ctx, Request{Role: "hop", Session: "s", Turn: "t", Payload: Payload{Body: []byte(text)}}, Listener{Chunk: chunk})
		out <- outcome{r, err}
	}()
	return string(s.hear("process").ID), out
}

func TestATurnWithPiecesAndItsAnswer(t *testing.T) {
	t.Parallel()
	s := begun(t, Options{}, `{"name":"x","version":"1","max_concurrent":3,"capabilities":["a"]}`)
	want := Ready{Name: "x", Version: "1", MaxConcurrent: 3, Capabilities: []string{"a"}}
	if d := cmp.Diff(want, s.w.Ready()); d != "" {
		t.Error(d)
	}
	var pieces []string
	id, out := s.ask(t.Context(), "hi", func(p string) { pieces = append(pieces, p) })
	s.write(`{"jsonrpc":"2.0","method":"chunk","params":{"id":`+id+`,"text":"a"}}`,
		`{"jsonrpc":"2.0","method":"chunk","params":{"id":`+id+`,"text":"b"}}`,
		`{"jsonrpc":"2.0","method":"chunk","params":{"id":99,"text":"not ours"}}`,
		`{"jsonrpc":"2.0","id":`+id+`,"result":{"data":"ab"}}`)
	got := <-out
	if got.err != nil || string(got.reply.Body) != "ab" || got.reply.ContentType != "text/plain" || !slices.Equal(pieces, []string{"a", "b"}) {
		t.Errorf("got %+v after %q", got, pieces)
	}
}

func TestAnswersMayComeInAnyOrder(t *testing.T) {
	t.Parallel()
	s := begun(t, Options{}, `{}`)
	one, first := s.ask(t.Context(), "1", nil)
	two, second := s.ask(t.Context(), "2", nil)
	s.write(`{"jsonrpc":"2.0","id":`+two+`,"result":"two"}`, `{"jsonrpc":"2.0","id":`+one+`,"error":{"code":1,"message":"one is bad"}}`)
	if got := <-second; got.err != nil || string(got.reply.Body) != "two" {
		t.Errorf("second: %+v", got)
	}
	if got := <-first; got.err == nil || got.err.Error() != "one is bad" {
		t.Errorf("first: %+v", got)
	}
}

func TestWhatIsNoMessageGoesToTheLogAndHurtsNothing(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ line, log string }{
		"text":             {"Loading model…", "[ww] stdout, not a message: Loading model…\n"},
		"number":           {"42", "[ww] stdout, not a message: 42\n"},
		"list":             {`[{"jsonrpc":"2.0"}]`, "[ww] stdout, not a message: [{"},
		"object":           {`{"a":1}`, `[ww] stdout, not a message: {"a":1}`},
		"old version":      {`{"jsonrpc":"1.0","method":"ready"}`, "[ww] stdout, not a message"},
		"half an object":   {`{"jsonrpc":"2.0","method":`, "[ww] stdout, not a message"},
		"not UTF-8":        {"\xff\xfe", "[ww] stdout, not a message: \xff\xfe\n"},
		"blank":            {"   ", ""},
		"unknown":          {`{"jsonrpc":"2.0","method":"dance"}`, `[ww] dance: no method is called "dance"`},
		"bad params":       {`{"jsonrpc":"2.0","method":"chunk","params":[1]}`, "[ww] chunk: bad params"},
		"second ready":     {`{"jsonrpc":"2.0","method":"ready","params":{}}`, "[ww] ready: said twice"},
		"never asked":      {`{"jsonrpc":"2.0","id":99,"result":1}`, "[ww] an answer to request 99, which is not open"},
		"odd id":           {`{"jsonrpc":"2.0","id":"x","result":1}`, `[ww] an answer to request "x", which is not open`},
		"no id":            {`{"jsonrpc":"2.0"}`, "[ww] an answer to request (no id), which is not open"},
		"log":              {`{"jsonrpc":"2.0","method":"log","params":{"level":"warn","message":"a\nb","fields":{"k":1}}}`, "warn: a\n    b {\"k\":1}\n"},
		"emit without bus": {`{"jsonrpc":"2.0","method":"emit","params":{"event":"x"}}`, "[ww] emit: events of components are not passed on yet"},
		"emit of nothing":  {`{"jsonrpc":"2.0","method":"emit"}`, `[ww] emit: "event" is missing`},
		"carriage return":  {"text\r", "[ww] stdout, not a message: text\n"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := begun(t, Options{}, `{}`)
			id, out := s.ask(t.Context(), "hi", nil)
			s.write(c.line, `{"jsonrpc":"2.0","id":`+id+`,"result":"fine"}`)
			if got := <-out; got.err != nil || string(got.reply.Body) != "fine" {
				t.Errorf("the answer behind it: %+v", got)
			}
			if got := s.log.String(); !strings.HasPrefix(got, c.log) || (c.log == "") != (got == "") {
				t.Errorf("log %q, want %q", got, c.log)
			}
		})
	}
}

func TestARequestOfTheComponentIsAlwaysAnswered(t *testing.T) {
	t.Parallel()
	s := begun(t, Options{}, `{}`)
	for in, want := range map[string]string{
		`{"jsonrpc":"2.0","id":8,"method":"dance"}`:                                     `{"jsonrpc":"2.0","id":8,"error":{"code":-32601,"message":"no method is called \"dance\""}}`,
		`{"jsonrpc":"2.0","id":"x","method":"log","params":{"message":"m"}}`:            `{"jsonrpc":"2.0","id":"x","result":{}}`,
		`{"jsonrpc":"2.0","id":10,"method":"call","params":"x"}`:                        `{"jsonrpc":"2.0","id":10,"error":{"code":-32602,"message":"bad params`,
		`{"jsonrpc":"2.0","id":11,"method":"call","params":{"data":1}}`:                 `{"jsonrpc":"2.0","id":11,"error":{"code":-32602,"message":"\"component\" is missing`,
		`{"jsonrpc":"2.0","id":12,"method":"call","params":{"component":"a","data":1}}`: `{"jsonrpc":"2.0","id":12,"error":{"code":-32602,"message":"\"id\" must be`,
		`{"jsonrpc":"2.0","id":13,"method":"call","params":{"id":77,"component":"a"}}`:  `{"jsonrpc":"2.0","id":13,"error":{"code":-32602,"message":"\"id\" must be`,
	} {
		s.write(in)
		if !s.in.Scan() || !strings.HasPrefix(s.in.Text(), want) {
			t.Errorf("to %s\ngot  %s\nwant %s", in, s.in.Text(), want)
		}
	}
	id, out := s.ask(t.Context(), "x", nil)
	s.write(`{"jsonrpc":"2.0","id":1,"method":"call","params":{"component":"llm"}}`)
	if s.in.Scan(); !strings.Contains(s.in.Text(), `"code":-32601`) {
		t.Errorf("got %s, want a refusal where nobody can be asked", s.in.Text())
	}
	s.write(`{"jsonrpc":"2.0","id":` + id + `}`)
	if got := <-out; got.err != nil {
		t.Error(got.err)
	}
}

func TestCallsOfARequestAreAskedInTheirOrder(t *testing.T) {
	t.Parallel()
	s := begun(t, Options{}, `{}`)
	var asked []string
	over := make(chan error, 1)
	ask := func(ctx context.Context, component string, p Payload) (Payload, error) {
		asked = append(asked, component+" "+p.ContentType+" "+string(p.Body))
		switch component {
		case "bad":
			return Payload{}, errors.New("bad is down")
		case "slow":
			<-ctx.Done()
			over <- ctx.Err()
			return Payload{}, ctx.Err()
		}
		return Payload{ContentType: "application/json", Body: []byte(`{"n":1}`)}, nil
	}
	out := make(chan error, 1)
	go func() {
		_, err := s.w.Process(t.Context(), Request{}, Listener{Ask: ask})
		out <- err
	}()
	id := string(s.hear("process").ID)
	s.write(`{"jsonrpc":"2.0","id":"a","method":"call","params":{"id":`+id+`,"component":"llm","data":"hi"}}`,
		`{"jsonrpc":"2.0","id":"b","method":"call","params":{"component":"bad","data":{"x":[1]}}}`,
		`{"jsonrpc":"2.0","id":"c","method":"call","params":{"component":"slow"}}`,
		`{"jsonrpc":"2.0","id":"d","method":"call","params":{"component":"never"}}`)
	for _, want := range []string{
		`{"jsonrpc":"2.0","id":"a","result":{"content_type":"application/json","data":{"n":1}}}`,
		`{"jsonrpc":"2.0","id":"b","error":{"code":-32000,"message":"bad is down"}}`,
	} {
		if s.in.Scan(); s.in.Text() != want {
			t.Errorf("got  %s\nwant %s", s.in.Text(), want)
		}
	}
	s.write(`{"jsonrpc":"2.0","id":` + id + `,"result":"done without waiting"}`)
	if err := <-out; err != nil {
		t.Error(err)
	}
	if err := <-over; !errors.Is(err, context.Canceled) {
		t.Errorf("the call went on after its request: %v", err)
	}
	for _, want := range []string{`{"jsonrpc":"2.0","id":"c","error":{"code":-32000,"message":"context canceled"}}`, `{"jsonrpc":"2.0","id":"d","error":{"code":-32000,"message":"the request it belongs to is over"}}`} {
		if s.in.Scan(); s.in.Text() != want {
			t.Errorf("got  %s\nwant %s", s.in.Text(), want)
		}
	}
	if d := cmp.Diff([]string{"llm text/plain hi", `bad application/json {"x":[1]}`, "slow text/plain "}, asked); d != "" {
		t.Error(d)
	}
}

func TestTooLongAnAnswerFailsItsRequest(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("x", 5000)
	s := begun(t, Options{MaxLine: 4096}, `{}`)
	one, first := s.ask(t.Context(), "1", nil)
	two, second := s.ask(t.Context(), "2", nil)
	s.write(`{"jsonrpc":"2.0","id":` + one + `,"result":"` + long + `"}`)
	if got := <-first; got.err == nil || !strings.Contains(got.err.Error(), "has 50") || !strings.Contains(got.err.Error(), "at most 4096") {
		t.Errorf("got %v, want the two sizes", got.err)
	}
	s.write(`{"jsonrpc":"2.0","result":"` + long + `","id":` + two + `}`)
	if got := <-second; got.err == nil {
		t.Error("an answer that was too long was taken; only one request was open")
	}
	if log := s.log.String(); !strings.Contains(log, "messages have at most 4096") || len(log) > 2000 {
		t.Errorf("the log has %d bytes: %.200s", len(log), log)
	}
}

func TestACanceledRequestIsToldAndItsLateAnswerIsNoNews(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := begun(t, Options{}, `{"max_concurrent":2}`)
		ctx, cancel := context.WithTimeoutCause(t.Context(), 3*time.Second, errors.New("the user left"))
		defer cancel()
		var pieces []string
		id, out := s.ask(ctx, "hi", func(p string) { pieces = append(pieces, p) })
		if got := <-out; got.err == nil || got.err.Error() != "the user left" {
			t.Fatalf("got %+v", got)
		}
		if m := s.hear("cancel"); string(m.Params) != `{"id":`+id+`,"reason":"the user left"}` {
			t.Errorf("cancel said %s", m.Params)
		}
		s.write(`{"jsonrpc":"2.0","method":"chunk","params":{"id":`+id+`,"text":"late"}}`, `{"jsonrpc":"2.0","id":`+id+`,"result":"late"}`)
		next, out := s.ask(t.Context(), "again", nil)
		s.write(`{"jsonrpc":"2.0","id":` + next + `,"result":"x"}`)
		if got := <-out; got.err != nil || len(pieces) > 0 || s.log.String() != "" {
			t.Errorf("got %+v, pieces %q, log %q", got, pieces, s.log.String())
		}
		s.write(`{"jsonrpc":"2.0","id":` + next + `,"result":"x"}`)
		s.tree.die(Exit{})
		<-s.w.done
		if !strings.Contains(s.log.String(), "an answer to request "+next+", which is not open") {
			t.Errorf("a second answer went unnoticed: %q", s.log.String())
		}
	})
}

func TestACrashIsBlamedOnlyWhenOneRequestWasWorkedOn(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		requests, canceled int
		exit               Exit
		blames             bool
		says               string
	}{
		"alone":              {1, 0, Exit{Code: 3}, true, "the process ended: exit status 3"},
		"exit status 0":      {1, 0, Exit{}, true, "the process ended without being asked to (exit status 0)"},
		"signal":             {1, 0, Exit{Signal: 11}, true, "the process ended: killed by SIGSEGV"},
		"two":                {2, 0, Exit{Code: 3}, false, "the process ended: exit status 3"},
		"beside a canceled":  {1, 1, Exit{Code: 3}, false, "the process ended: exit status 3"},
		"guard killed first": {1, 0, Exit{Lost: true}, false, "the process ended: its guard was killed"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := begun(t, Options{}, `{"max_concurrent":5}`)
			for range c.canceled {
				ctx, cancel := context.WithCancel(t.Context())
				_, out := s.ask(ctx, "x", nil)
				cancel()
				<-out
				s.hear("cancel")
			}
			var outs []<-chan outcome
			for range c.requests {
				_, out := s.ask(t.Context(), "x", nil)
				outs = append(outs, out)
			}
			s.tree.die(c.exit)
			for _, out := range outs {
				var crash *CrashError
				if got := <-out; !errors.As(got.err, &crash) || crash.Blames() != c.blames || crash.Error() != c.says {
					t.Errorf("got %v, want blame %v: %s", got.err, c.blames, c.says)
				}
			}
			if err := <-s.ended; err.Error() != c.says {
				t.Errorf("Ended was told %v", err)
			}
			if _, err := s.w.Process(t.Context(), Request{}, Listener{}); !errors.Is(err, ErrEnded) {
				t.Errorf("a later request: %v", err)
			}
		})
	}
}

func TestAnAnswerWrittenBeforeTheEndCounts(t *testing.T) {
	t.Parallel()
	s := begun(t, Options{}, `{}`)
	id, out := s.ask(t.Context(), "hi", nil)
	s.tree.set(func(f *fakeTree) { f.closeOut = func() {} }) // the pipe still holds the answer when the process is gone
	s.tree.die(Exit{Code: 1})
	s.write(`{"jsonrpc":"2.0","id":` + id + `,"result":"last words"}`)
	s.say.Close()
	if got := <-out; got.err != nil || string(got.reply.Body) != "last words" {
		t.Errorf("got %+v", got)
	}
}

func TestStartFailures(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		play   func(*stage)
		after  time.Duration
		says   string
		status int
	}{
		"silent":                     {func(*stage) {}, 30 * time.Second, `did not say "ready" within 30s`, 0},
		"refuses":                    {func(s *stage) { s.write(`{"jsonrpc":"2.0","id":1,"error":{"code":1,"message":"no model file"}}`) }, 0, "the component refused to start: no model file", 0},
		"refuses in plain words":     {func(s *stage) { s.write(`{"jsonrpc":"2.0","id":1,"error":"no key"}`) }, 0, "refused to start: no key", 0},
		"exits":                      {func(s *stage) { s.tree.die(Exit{Code: 78}) }, 0, "the process ended: exit status 78, before it was ready", 78},
		"closes stdout":              {func(s *stage) { s.say.Close() }, 2 * time.Second, "the process was ended: it closed its stdout, before it was ready", 1},
		"answers and then is silent": {func(s *stage) { s.write(`{"jsonrpc":"2.0","id":1,"result":{}}`) }, 30 * time.Second, "within 30s", 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				s := setUp(t, Options{})
				go func() {
					s.hear("initialize")
					c.play(s)
				}()
				begin := time.Now()
				err := s.w.begin(t.Context())
				if err == nil || !strings.Contains(err.Error(), c.says) || time.Since(begin) != c.after {
					t.Errorf("after %s: %v; want after %s: %s", time.Since(begin), err, c.after, c.says)
				}
				var status interface{ ExitStatus() int }
				if errors.As(err, &status) != (c.status != 0) || c.status != 0 && status.ExitStatus() != c.status {
					t.Errorf("%v must say status %d", err, c.status)
				}
			})
		})
	}
}

func TestWhatCannotBeKilledIsNamed(t *testing.T) {
	t.Parallel()
	s := begun(t, Options{}, `{}`)
	s.tree.set(func(f *fakeTree) { f.left = []int{71, 72} })
	s.tree.die(Exit{})
	<-s.ended
	if got := s.log.String(); got != "[ww] these processes cannot be killed: [71 72]\n" {
		t.Errorf("log %q", got)
	}
}

func TestClosingStdoutIsTheEnd(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := begun(t, Options{}, `{}`)
		_, out := s.ask(t.Context(), "hi", nil)
		s.say.Close()
		if got := <-out; got.err == nil || got.err.Error() != "the process was ended: it closed its stdout" {
			t.Errorf("got %+v", got)
		}
		if d := cmp.Diff([]string{"KILL at 2s"}, s.tree.signals); d != "" {
			t.Error(d)
		}
		<-s.ended
	})
}

func TestAComponentThatDoesNotReadHoldsUpNobody(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := begun(t, Options{}, `{}`)
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		outs := make(chan error)
		const many = 200 // more than the outbox holds
		for range many {
			go func() {
				_, err := s.w.Process(ctx, Request{}, Listener{})
				outs <- err
			}()
		}
		for range many {
			if err := <-outs; !errors.Is(err, context.DeadlineExceeded) {
				t.Fatalf("got %v", err)
			}
		}
		if got := time.Since(s.tree.begin); got != time.Minute {
			t.Errorf("took %s", got)
		}
	})
}

func TestStopAsksThenTermsThenKills(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		obeys, ignoresTerm bool
		want               []string
	}{
		"obeys":        {obeys: true},
		"needs TERM":   {want: []string{"TERM at 4s"}},
		"ignores TERM": {ignoresTerm: true, want: []string{"TERM at 4s", "KILL at 8s"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				s := begun(t, Options{}, `{}`)
				s.tree.set(func(f *fakeTree) { f.ignoresTerm = c.ignoresTerm })
				go func() {
					s.hear("lifecycle")
					if m := s.hear("shutdown"); string(m.Params) != `{"grace_ms":8000}` {
						t.Errorf("shutdown said %s", m.Params)
					}
					if s.in.Scan() {
						t.Errorf("stdin goes on: %s", s.in.Text())
					}
					if c.obeys {
						s.tree.die(Exit{})
					}
				}()
				if err := s.w.Stop(t.Context()); err != nil {
					t.Error(err)
				}
				if d := cmp.Diff(c.want, s.tree.signals); d != "" {
					t.Error(d)
				}
				if len(s.ended) > 0 {
					t.Error("an end that was asked for was reported")
				}
			})
		})
	}
}

func TestStopInAHurryKills(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := begun(t, Options{}, `{}`) // does not read: not even shutdown goes out
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		s.tree.set(func(f *fakeTree) { f.ignoresTerm = true })
		if err := s.w.Stop(ctx); err != nil {
			t.Error(err)
		}
		if d := cmp.Diff([]string{"TERM at 1s", "KILL at 1s"}, s.tree.signals); d != "" {
			t.Error(d)
		}
	})
}

func TestAHangIsFoundByPulseAndCPU(t *testing.T) {
	t.Parallel()
	const never = time.Hour
	for name, c := range map[string]struct {
		capabilities string
		answers      int // pings that are answered, with an error or a result
		busy         bool
		killed       time.Duration
	}{
		"hangs":                  {`["ping"]`, 0, false, 15 * time.Second},
		"hangs later":            {`["ping"]`, 4, false, 35 * time.Second},
		"is busy":                {`["ping"]`, 0, true, never},
		"answers":                {`["ping"]`, 1 << 30, false, never},
		"never promised to ping": {`[]`, 0, false, never},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				s := begun(t, Options{}, `{"capabilities":`+c.capabilities+`}`)
				s.tree.set(func(f *fakeTree) { f.busy = c.busy })
				go func() {
					for n := 0; s.in.Scan(); n++ {
						m, _ := parseMessage(s.in.Bytes())
						if n < c.answers && m.Method == "ping" {
							io.WriteString(s.say, `{"jsonrpc":"2.0","id":`+string(m.ID)+`,`+[]string{`"result":{}`, `"error":{"code":-32601}`}[n%2]+"}\n")
						}
					}
				}()
				select {
				case err := <-s.ended:
					if got := time.Since(s.tree.begin); got != c.killed || err.Error() != "the process was ended: no sign of life and no CPU used for 15s" {
						t.Errorf("ended at %s: %v; want at %s", got, err, c.killed)
					}
				case <-time.After(never - time.Minute):
					if c.killed != never {
						t.Error("the hang was not found")
					}
				}
			})
		})
	}
}

func TestRemarksAreBounded(t *testing.T) {
	t.Parallel()
	var log strings.Builder
	n := notes{w: &log}
	for range 5 * mostNotes {
		n.write("%s", "x")
	}
	n.line("the component's own")
	if got := strings.Count(log.String(), "\n"); got != mostNotes+1 || !strings.HasSuffix(log.String(), "further ones are left out\nthe component's own\n") {
		t.Errorf("%d lines: …%s", got, log.String()[max(0, log.Len()-100):])
	}
}
