package script

import (
	"encoding/json"
	"errors"
	"io"
	"strings"
	"testing"
)

func TestDataKeepsItsBytesOnTheWayOut(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ contentType, body, want string }{
		{"", "grüße \"x\"\n", `"content_type":"text/plain","data":"grüße \"x\"\n"`},
		{"text/plain; charset=utf-8", "", `"content_type":"text/plain; charset=utf-8","data":""`},
		{"application/json", `{"a":[1]}`, `"content_type":"application/json","data":{"a":[1]}`},
		{"application/problem+json", `1`, `"data":1`},
		{"application/json", `{"a":`, `"content_type":"application/json","data":"{\"a\":"`},
		{"image/png", "\xff\x00", `"content_type":"image/png","encoding":"base64","data":"/wA="`},
	} {
		got := string(mustJSON(Request{Role: "hop", Payload: Payload{ContentType: c.contentType, Body: []byte(c.body)}}.params()))
		if !strings.Contains(got, c.want) || !json.Valid([]byte(got)) || !strings.Contains(got, `"attempt":1`) {
			t.Errorf("%q: got %s, want …%s…", c.body, got, c.want)
		}
	}
}

func TestAnswersInEveryForm(t *testing.T) {
	t.Parallel()
	for raw, want := range map[string]string{
		``:              "text/plain|",
		`null`:          "text/plain|",
		`"a\u00fc"`:     "text/plain|aü",
		`{"data":"x"}`:  "text/plain|x",
		`{"data":null}`: "text/plain|",
		`{"data":"x","content_type":"text/markdown"}`: "text/markdown|x",
		`{"data":[1, 2]}`: "application/json|[1, 2]",
		`{"data":"x","content_type":"application/json"}`:  `application/json|"x"`,
		`{"data":{"a":1},"content_type":"application/x"}`: `application/x|{"a":1}`,
		`{"data":"/wA=","encoding":"base64"}`:             "application/octet-stream|\xff\x00",
		`{"data":"?","encoding":"base64"}`:                `!encoding "base64"`,
		`{"data":"x","encoding":"rot13"}`:                 `!encoding "rot13"`,
		`{"data":[1],"encoding":"base64"}`:                `!encoding "base64"`,
		`{"answer":"x"}`:                                  "!neither a text",
		`17`:                                              "!neither a text nor an object with \"data\": 17",
		`[` + strings.Repeat("1,", 100) + `1]`:            "!1,1",
	} {
		got, err := decodeResult(json.RawMessage(raw))
		if says, bad := strings.CutPrefix(want, "!"); bad {
			if err == nil || !strings.Contains(err.Error(), says) {
				t.Errorf("%s: got %v, want …%s…", raw, err, says)
			}
		} else if shown := got.ContentType + "|" + string(got.Body); err != nil || shown != want {
			t.Errorf("%s: got %q, %v; want %q", raw, shown, err, want)
		}
	}
}

func TestLinesAreCutAndBounded(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("y", 100_000)
	r := newLineReader(strings.NewReader("a\n\nb\r\n"+strings.Repeat("x", 1000)+"\r\n"+strings.Repeat("x", 1001)+"\n"+long+"\nlast"), 1000)
	for i, want := range []line{
		{text: []byte("a")},
		{},
		{text: []byte("b")},
		{text: []byte(strings.Repeat("x", 1000))},
		{text: []byte(strings.Repeat("x", headOfLong)), dropped: 1002},
		{text: []byte(long[:headOfLong]), dropped: 100_001},
		{text: []byte("last")},
	} {
		got, err := r.next()
		if err != nil || string(got.text) != string(want.text) || got.dropped != want.dropped {
			t.Errorf("line %d: got %.20q (%d, dropped %d), %v; want %.20q (dropped %d)", i, got.text, len(got.text), got.dropped, err, want.text, want.dropped)
		}
	}
	if _, err := r.next(); !errors.Is(err, io.EOF) {
		t.Errorf("got %v at the end", err)
	}
}

// FuzzStdout: whatever a program writes, the reader of its stdout neither panics nor hangs, and a good answer behind it
// is understood.
func FuzzStdout(f *testing.F) {
	for _, seed := range []string{
		"", "text\n", `{"jsonrpc":"2.0","method":"ready","params":{"tools":[1,{}]}}`, `{"jsonrpc":"2.0","id":1,"result":{"data":1}}`,
		`{"jsonrpc":"2.0","id":null,"method":"call","params":null}`, `{"jsonrpc":"2.0","method":"chunk","params":{"id":1,"text":"x"}}`,
		`{"jsonrpc":"2.0","id":1,"error":[]}`, strings.Repeat("z", 2000) + "\n{", `{"jsonrpc":"2.0","method":"log","params":{"fields":[]}}`,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, written []byte) {
		w := newWorker(nil, discardCloser{}, io.NopCloser(strings.NewReader(string(written)+"\n"+`{"jsonrpc":"2.0","id":2,"result":"good"}`)), Options{MaxLine: 1000})
		_, _, _ = w.calls.begin(true, Listener{Chunk: func(string) {}})
		_, second, _ := w.calls.begin(true, Listener{})
		w.listen()
		if !strings.Contains(string(written), "2") { // it cannot have answered the second request itself
			if r := <-second.reply; r.err != nil || string(r.result) != `"good"` {
				t.Errorf("got %+v", r)
			}
		}
	})
}

type discardCloser struct{}

func (discardCloser) Write(b []byte) (int, error) { return len(b), nil }
func (discardCloser) Close() error                { return nil }
