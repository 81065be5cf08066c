package lsp

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

func TestFramesAreReadAsClientsWriteThem(t *testing.T) {
	for text, want := range map[string]string{
		"Content-Length: 2\r\n\r\n{}":                                   "{}",
		"content-length:2\r\n\r\n{}":                                    "{}",
		"Content-Type: application/json\r\nContent-Length: 2\r\n\r\n{}": "{}",
		"Content-Length: 2\n\n{}":                                       "{}",
		"Content-Length: 0\r\n\r\n":                                     "",
		"":                                                              "EOF",
		"Content-Length: 2\r\n\r\n{":                                    "unexpected EOF",
		"Content-Length: 2\r\n":                                         "unexpected EOF",
		"Content-Len":                                                   "unexpected EOF",
		"\r\n":                                                          "no language client",
		"GET / HTTP/1.1\r\n\r\n":                                        "no language client",
		"Content-Length: -1\r\n\r\n":                                    "no language client",
		"Content-Length: 99999999999999999999\r\n\r\n":                  "no language client",
		"Content-Length: 2x\r\n\r\n":                                    "no language client",
		"X: " + strings.Repeat("x", maxHeader) + "\r\n\r\n":             "no language client",
		strings.Repeat("X: y\r\n", maxHeader/6+1) + "\r\n":              "no language client",
		strings.Repeat("x", 10*maxHeader):                               "no language client",
		fmt.Sprintf("Content-Length: %d\r\n\r\nnot that much", maxBody):   "unexpected EOF",
		fmt.Sprintf("Content-Length: %d\r\n\r\nnot that much", maxBody+1): "no language client",
	} {
		body, err := readFrame(bufio.NewReader(strings.NewReader(text)))
		got := string(body)
		if err != nil {
			got = err.Error()
		}
		if got != want && !(err != nil && strings.HasPrefix(got, want)) {
			t.Errorf("%.60q gives %q, want %q", text, got, want)
		}
	}
}

// FuzzFrame reads anything, and whatever was read is the same after it was written.
func FuzzFrame(f *testing.F) {
	f.Add([]byte("Content-Length: 2\r\n\r\n{}"))
	f.Add([]byte("Content-Type: x\r\ncontent-length : 3\n\nabcContent-Length: 0\r\n\r\n"))
	f.Fuzz(func(t *testing.T, stream []byte) {
		r := bufio.NewReader(bytes.NewReader(stream))
		for {
			body, err := readFrame(r)
			if err != nil {
				return
			}
			var out bytes.Buffer
			if err := writeFrame(&out, body); err != nil {
				t.Fatal(err)
			}
			again, err := readFrame(bufio.NewReader(&out))
			if err != nil || !bytes.Equal(again, body) {
				t.Fatalf("%q became %q (%v)", body, again, err)
			}
		}
	})
}

// FuzzServe says anything to a server, which must end with the input and say nothing but frames of JSON.
func FuzzServe(f *testing.F) {
	f.Add("initialize", `{"capabilities":{}}`, "textDocument/didOpen", `{"textDocument":{"uri":"file:///a.ww","version":1,"text":"a = llm echo { to: b }"}}`, "")
	f.Add("textDocument/didChange", `{"textDocument":{"uri":"file:///a.ww","version":2},"contentChanges":[{"range":{"start":{"line":0,"character":3},"end":{"line":9,"character":0}},"text":"😀"}]}`,
		"textDocument/completion", `{"textDocument":{"uri":"file:///a.ww"},"position":{"line":0,"character":4294967295}}`, "shutdown")
	f.Add("shutdown", "null", "exit", "", "Content-Length: 1\r\n\r\n{")
	f.Fuzz(func(t *testing.T, method1, params1, method2, params2, tail string) {
		var in, out bytes.Buffer
		say := func(text string) { fmt.Fprintf(&in, "Content-Length: %d\r\n\r\n%s", len(text), text) }
		say(`{"id":0,"method":"initialize","params":{}}`)
		say(`{"method":"textDocument/didOpen","params":{"textDocument":{"uri":"file:///a.ww","version":1,"text":"a = llm echo { to: b }\nb = llm e"}}}`)
		for i, m := range [][2]string{{method1, params1}, {method2, params2}} {
			name, _ := json.Marshal(m[0])
			say(fmt.Sprintf(`{"id":%d,"method":%s,"params":%s}`, i+1, name, m[1]))
			say(fmt.Sprintf(`{"method":%s,"params":%s}`, name, m[1]))
		}
		in.WriteString(tail)
		var log bytes.Buffer
		_ = Serve(t.Context(), &in, &out, Options{Log: &log})
		if strings.Contains(log.String(), "goroutine") {
			t.Fatal(log.String())
		}
		for r := bufio.NewReader(&out); ; {
			body, err := readFrame(r)
			if errors.Is(err, io.EOF) {
				return
			}
			if err != nil || !json.Valid(body) {
				t.Fatalf("%q (%v)", body, err)
			}
		}
	})
}

// TestTypingIsNotCheckedLetterByLetter counts the checks of someone who types without a pause.
func TestTypingIsNotCheckedLetterByLetter(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		in, typed := io.Pipe()
		out := &versions{}
		ended := make(chan error)
		go func() { ended <- Serve(context.Background(), in, out, Options{}) }()
		say := func(text string) { fmt.Fprintf(typed, "Content-Length: %d\r\n\r\n%s", len(text), text) }
		say(`{"id":0,"method":"initialize","params":{}}`)
		say(`{"method":"textDocument/didOpen","params":{"textDocument":{"uri":"file:///no/a.ww","version":1,"text":""}}}`)
		version := 1
		for range 30 { // three seconds without a pause
			version++
			say(fmt.Sprintf(`{"method":"textDocument/didChange","params":{"textDocument":{"uri":"file:///no/a.ww","version":%d},"contentChanges":[{"text":"a"}]}}`, version))
			time.Sleep(100 * time.Millisecond) //nolint:forbidigo // the clock is a fake one
		}
		time.Sleep(time.Second) //nolint:forbidigo // the same
		synctest.Wait()
		if got, want := fmt.Sprint(out.seen), "[1 11 21 31]"; got != want {
			t.Errorf("checked were the versions %s, want %s", got, want)
		}
		typed.Close()
		if err := <-ended; !errors.Is(err, ErrNoExit) {
			t.Error(err)
		}
	})
}

// versions is an editor that only notes of which versions it was told the problems.
type versions struct{ seen []int }

func (v *versions) Write(frame []byte) (int, error) {
	_, body, _ := bytes.Cut(frame, []byte("\r\n\r\n"))
	var m struct {
		Method string
		Params struct{ Version int }
	}
	if err := json.Unmarshal(body, &m); err == nil && m.Method == "textDocument/publishDiagnostics" {
		v.seen = append(v.seen, m.Params.Version)
	}
	return len(frame), nil
}

func TestARequestThatWasTakenBackIsNotAnswered(t *testing.T) {
	for cancel, want := range map[string]string{
		`{"method":"$/cancelRequest","params":{"id":7}}`:   `{"jsonrpc":"2.0","id":7,"error":{"code":-32800,"message":"canceled"}}`,
		`{"method":"$/cancelRequest","params":{"id":"7"}}`: `{"jsonrpc":"2.0","id":7,"result":null}`, // another one
		`{"method":"$/other","params":{"id":7}}`:           `{"jsonrpc":"2.0","id":7,"result":null}`,
	} {
		var out bytes.Buffer
		s := &server{out: &out, handlers: handlers(), phase: running}
		incoming := make(chan input, 3)
		for _, body := range []string{`{"method":"first"}`, cancel, `{"method":"last"}`} {
			incoming <- input{body: []byte(body)}
		}
		s.message([]byte(`{"id":7,"method":"shutdown"}`), incoming)
		if body, err := readFrame(bufio.NewReader(&out)); string(body) != want {
			t.Errorf("%s: %s (%v)", cancel, body, err)
		}
		var left []string
		for range 3 {
			in, _ := s.next(t.Context(), incoming)
			left = append(left, string(in.body))
		}
		if got := strings.Join(left, " "); got != `{"method":"first"} `+cancel+` {"method":"last"}` {
			t.Errorf("what came behind it is now %s", got)
		}
	}
}
