package conform_test

import (
	"bufio"
	"encoding/json"
	"fmt"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/woodwork-lang/ww/internal/conform"
	"github.com/woodwork-lang/ww/internal/script"
)

// The test binary plays the guard and the components, good and wrong.
func TestMain(m *testing.M) {
	if len(os.Args) > 1 {
		switch os.Args[1] {
		case "guard":
			os.Exit(script.RunGuard())
		case "component":
			play(os.Args[2])
			os.Exit(0)
		}
	}
	goleak.VerifyTestMain(m)
}

// out is stdout of a component.
func out(format string, args ...any) { fmt.Printf(format+"\n", args...) }

// play is a component that keeps every promise but the one that how names.
func play(how string) {
	switch how {
	case "dies at once":
		os.Exit(3)
	case "prints junk":
		out("loading the model…")
	case "ignores shutdown", "ignores the end of stdin":
		signal.Ignore(syscall.SIGTERM)
	}
	in := bufio.NewReaderSize(os.Stdin, 4<<20)
	cut, asked := false, 0
	for {
		line, err := in.ReadBytes('\n')
		if err != nil {
			if how == "ignores the end of stdin" || how == "ignores shutdown" {
				time.Sleep(time.Hour) //nolint:forbidigo // it does not end
			}
			return
		}
		var m struct {
			ID     json.RawMessage
			Method string
			Params struct {
				Role, Tool, Data string
				ID               json.RawMessage
			}
		}
		json.Unmarshal(line, &m) // data is no text now and then
		switch m.Method {
		case "initialize":
			greet(how, m.ID)
		case "process":
			asked++
			work(how, string(m.ID), asked, &cut)
		case "cancel":
			cut = true
		case "ping":
			if how != "ignores pings" {
				out(`{"jsonrpc":"2.0","id":%s,"result":{}}`, m.ID)
			}
		case "shutdown":
			switch how {
			case "ends with a status":
				os.Exit(4)
			case "ignores shutdown", "ignores the end of stdin":
				if how == "ignores the end of stdin" {
					return
				}
			default:
				return
			}
		case "ww/unknown":
			if how == "dies of what it does not know" {
				os.Exit(5)
			}
		}
	}
}

func greet(how string, id json.RawMessage) {
	switch how {
	case "says no ready":
		return
	case "refuses":
		out(`{"jsonrpc":"2.0","id":%s,"error":{"code":1,"message":"no model at /m"}}`, id)
		return
	case "has a nameless tool":
		out(`{"jsonrpc":"2.0","method":"ready","params":{"tools":[{"description":"?"}]}}`)
		return
	case "says ready in another form":
		out(`{"jsonrpc":"2.0","method":"ready","params":{"capabilities":"ping"}}`)
		return
	case "takes one of many":
		out(`{"jsonrpc":"2.0","method":"ready","params":{"max_concurrent":4}}`)
		return
	}
	out(`{"jsonrpc":"2.0","method":"ready","params":{"name":"mine","version":"1.0","capabilities":["ping"],"tools":[{"name":"add","inputSchema":{"type":"object"}}]}}`)
}

// work answers a request, in its own way.
func work(how, id string, asked int, cut *bool) {
	switch how {
	case "never answers":
		return
	case "dies in a call":
		os.Exit(7)
	case "ignores cancel":
		if asked == 11 { // the one that is canceled
			return
		}
	case "answers another id":
		out(`{"jsonrpc":"2.0","id":%s000,"result":"?"}`, id)
		return
	case "answers in another form":
		out(`{"jsonrpc":"2.0","id":%s,"result":42}`, id)
		return
	case "fails without a message":
		out(`{"jsonrpc":"2.0","id":%s,"error":{"code":1}}`, id)
		return
	case "sends a huge line":
		out(`{"jsonrpc":"2.0","method":"log","params":{"message":"%s"}}`, strings.Repeat("x", 1<<20))
	case "calls nobody":
		out(`{"jsonrpc":"2.0","id":"a","method":"call","params":{"data":"?"}}`)
	case "invents a method":
		out(`{"jsonrpc":"2.0","method":"progress"}`)
	case "takes one of many":
		if asked > 12 {
			return
		}
	}
	out(`{"jsonrpc":"2.0","method":"chunk","params":{"id":%s,"text":"a"}}`, id)
	out(`{"jsonrpc":"2.0","id":%s,"result":"answer"}`, id)
	switch how {
	case "answers twice":
		out(`{"jsonrpc":"2.0","id":%s,"result":"answer"}`, id)
	case "sends pieces behind the answer":
		out(`{"jsonrpc":"2.0","method":"chunk","params":{"id":%s,"text":"a"}}`, id)
	}
}

func try(t *testing.T, how string) []conform.Check {
	t.Helper()
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	return conform.Run(t.Context(), conform.Options{
		Command:  script.Command{Argv: []string{exe, "component", how}, Dir: t.TempDir(), Env: script.Environment(map[string]string{"GORACE": "atexit_sleep_ms=0"}, "tag")},
		Patience: 700 * time.Millisecond, Grace: 700 * time.Millisecond,
	}, func(conform.Check) {})
}

func TestAGoodComponentKeepsEveryPromise(t *testing.T) {
	t.Parallel()
	all := try(t, "good")
	for _, c := range all {
		if c.Result != conform.OK {
			t.Errorf("%s: %s %s", c.Promise, c.Result, c.Problem)
		}
	}
	if !conform.Good(all) || len(all) != 14 {
		t.Errorf("%d checks, good: %t", len(all), conform.Good(all))
	}
}

// Each of these breaks one promise; the check of that promise fails, with a sentence that says what it did.
func TestAWrongComponentFailsWithASentence(t *testing.T) {
	t.Parallel()
	const (
		start, self, turn, unknown = "starts and says ready", "says of itself what can be understood", "answers a turn", "ignores what it does not know"
		canceled, many, pings      = "answers what was canceled", "works on as much at once as it says", "answers pings, if it says so"
		once, prints, ends, stdin  = "answers each request once, and nothing else", "prints messages and nothing else on stdout", "ends when it is asked to", "ends with its stdin"
	)
	for how, want := range map[string]struct{ promise, sentence string }{
		"dies at once":                    {start, "it ended (exit status 3) before it was ready: a component runs until it is told to shut down"},
		"says no ready":                   {start, "it did not say ready within 700ms: send"},
		"refuses":                         {start, "it refused to start: no model at /m"},
		"has a nameless tool":             {self, "what it says in ready cannot be used: a tool has no name"},
		"says ready in another form":      {self, "what it says in ready cannot be used: capabilities must be a list, and is a JSON string"},
		"never answers":                   {turn, "it did not answer a turn (request 2) within 700ms: every request wants one answer"},
		"dies in a call":                  {turn, "it ended (exit status 7) while it was to answer a turn (request 2): a component runs until"},
		"answers another id":              {turn, "it did not answer a turn (request 2) within"},
		"answers in another form":         {turn, `its answer to a turn (request 2) is "42": neither a text`},
		"fails without a message":         {turn, `an error has a "message" that says what is wrong`},
		"dies of what it does not know":   {unknown, "it ended (exit status 5) while it was to answer a turn behind messages that it does not know"},
		"ignores cancel":                  {canceled, "which was canceled (any answer will do"},
		"takes one of many":               {many, "it says max_concurrent 4; of 4 requests at once it answered "},
		"ignores pings":                   {pings, "it did not answer a ping while it works within"},
		"answers twice":                   {once, "it answered request 2 a second time"},
		"sends pieces behind the answer":  {once, "it sent a chunk for request 2, which is not open"},
		"calls nobody":                    {once, `a call of it cannot be made: params lack "component"`},
		"invents a method":                {once, `it sent "progress", which means nothing here`},
		"prints junk":                     {prints, `it printed "loading the model…`},
		"sends a huge line":               {prints, "bytes; a message has at most 1048576, longer ones are dropped"},
		"ignores shutdown":                {ends, "it was still running 700ms after shutdown and the end of its stdin"},
		"ends with a status":              {ends, "it ended with exit status 4 after shutdown"},
		"ignores the end of stdin":        {stdin, "it was still running 700ms after the end of its stdin"},
		"answers another id, and says so": {},
	} {
		if want.promise == "" {
			how, want.promise, want.sentence = "answers another id", once, "it answered request 2000, which nobody sent"
		}
		t.Run(how, func(t *testing.T) {
			t.Parallel()
			all := try(t, how)
			found := false
			for _, c := range all {
				if c.Promise == want.promise {
					found = true
					if c.Result != conform.Failed || !strings.Contains(c.Problem, want.sentence) {
						t.Errorf("%s: %s %q, want it to fail with %q", c.Promise, c.Result, c.Problem, want.sentence)
					}
				}
			}
			if !found || conform.Good(all) {
				t.Errorf("it passes: %+v", all)
			}
		})
	}
}
