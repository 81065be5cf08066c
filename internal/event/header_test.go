package event

import (
	"bytes"
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
)

// wireHeader is a header as encoding/json sees it: the oracle of the scanner.
type wireHeader struct {
	SpecVersion     string `json:"specversion"`
	ID              string `json:"id"`
	Source          string `json:"source"`
	Type            string `json:"type"`
	Subject         string `json:"subject"`
	DataContentType string `json:"datacontenttype"`
	Session         string `json:"wwsession"`
	Turn            string `json:"wwturn"`
	Base            string `json:"wwbase"`
	Seq             uint64 `json:"wwseq,string"`
	Attempt         int    `json:"wwattempt"`
	Branch          string `json:"wwbranch"`
	Stack           string `json:"wwstack"`
	TTL             int64  `json:"wwttlms,string"`
	Trace           string `json:"wwtrace"`
	Chain           string `json:"wwchain"`
	Origin          string `json:"wworigin"`
	Took            int64  `json:"wwtookus,string"`
	Fallback        string `json:"wwfallback"`
	Fallbacks       string `json:"wwfallbacks"`
	Dropped         int    `json:"wwdropped"`
	User            int    `json:"wwuser"`
	CorrelationID   string `json:"correlationid"`
	TraceParent     string `json:"traceparent"`
}

func (w wireHeader) header() Header {
	return Header{
		ID: w.ID, Source: w.Source, Type: w.Type, Subject: w.Subject, DataContentType: w.DataContentType,
		Session: w.Session, Turn: w.Turn, Base: w.Base, Seq: w.Seq, Attempt: w.Attempt, Branch: w.Branch,
		Stack: w.Stack, TTL: w.TTL, Trace: w.Trace, Chain: w.Chain, Origin: w.Origin, Took: w.Took, Fallback: w.Fallback, Fallbacks: w.Fallbacks, Dropped: w.Dropped, User: w.User,
		CorrelationID: w.CorrelationID, TraceParent: w.TraceParent,
	}
}

func full() Header {
	return Header{
		ID: "01J9Z7-7", Source: "agent", Type: TypeText, Subject: "out", DataContentType: "text/plain",
		Session: "s-1", Turn: "t-1", Base: "b4se", Seq: 1<<64 - 1, Attempt: 2, Branch: "0/2.1/3", Stack: "agent:t-1",
		TTL: 600_000, Trace: "llm,llm-ab12,1,1,in,12,3400,5,6,;", Chain: "out,log", Origin: "in", Took: 812, Fallback: "cached", Fallbacks: "notes:static a/b:cached", Dropped: 3, User: 1,
		CorrelationID: "c-9", TraceParent: "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
	}
}

func TestHeaderIsTheSameToUsAndToEncodingJSON(t *testing.T) {
	want := full()
	b := AppendHeader(nil, &want)
	var w wireHeader
	if err := json.Unmarshal(b, &w); err != nil {
		t.Fatalf("encoding/json cannot read %s: %v", b, err)
	}
	if w.SpecVersion != "1.0" {
		t.Errorf("specversion = %q", w.SpecVersion)
	}
	if diff := cmp.Diff(want, w.header()); diff != "" {
		t.Errorf("encoding/json reads another header (-want +got):\n%s", diff)
	}
	var got Header
	if err := ScanHeader(b, &got); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("ScanHeader reads another header (-want +got):\n%s", diff)
	}
}

func TestScanHeaderTakesWhatOthersWrite(t *testing.T) {
	for name, tc := range map[string]struct {
		in   string
		want Header
	}{
		"spaces":          {" {\n\t\"specversion\" : \"1.0\" , \"id\" :\"a\"\r} ", Header{ID: "a"}},
		"unknown":         {`{"specversion":"1.0","x":true,"y":-1.5e+3,"z":"\u00e9","n":null,"id":"a"}`, Header{ID: "a"}},
		"escapes":         {`{"specversion":"1.0","id":"\"\\\/\b\f\n\r\t\u0041\ud83d\ude00\ud83d"}`, Header{ID: "\"\\/\b\f\n\r\tA😀\uFFFD"}},
		"seq as a number": {`{"specversion":"1.0","wwseq":7,"wwttlms":-1,"wwattempt":"3"}`, Header{Seq: 7, TTL: -1, Attempt: 3}},
	} {
		t.Run(name, func(t *testing.T) {
			var got Header
			if err := ScanHeader([]byte(tc.in), &got); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tc.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestScanHeaderRefuses(t *testing.T) {
	for name, in := range map[string]string{
		"nothing":             "",
		"no object":           `"specversion"`,
		"no version":          `{"id":"a"}`,
		"another version":     `{"specversion":"0.3"}`,
		"a name twice":        `{"specversion":"1.0","id":"a","id":"a"}`,
		"an unknown twice":    `{"specversion":"1.0","x":1,"x":1}`,
		"an object":           `{"specversion":"1.0","x":{}}`,
		"a list":              `{"specversion":"1.0","x":[]}`,
		"an upper-case name":  `{"specversion":"1.0","Id":"a"}`,
		"an escaped name":     `{"specversion":"1.0","\u0069d":"a"}`,
		"an empty name":       `{"specversion":"1.0","":"a"}`,
		"a long name":         `{"specversion":"1.0","` + strings.Repeat("x", 65) + `":"a"}`,
		"a number as an id":   `{"specversion":"1.0","id":1}`,
		"null as an id":       `{"specversion":"1.0","id":null}`,
		"a negative seq":      `{"specversion":"1.0","wwseq":"-1"}`,
		"a seq of 65 bits":    `{"specversion":"1.0","wwseq":"18446744073709551616"}`,
		"a leading zero":      `{"specversion":"1.0","wwseq":"01"}`,
		"a fraction":          `{"specversion":"1.0","wwattempt":1.5}`,
		"an attempt too big":  `{"specversion":"1.0","wwattempt":2147483648}`,
		"text after":          `{"specversion":"1.0"}x`,
		"a trailing comma":    `{"specversion":"1.0",}`,
		"a leading comma":     `{,"specversion":"1.0"}`,
		"no comma":            `{"specversion":"1.0""id":"a"}`,
		"a control character": "{\"specversion\":\"1.0\",\"id\":\"a\nb\"}",
		"one after an escape": "{\"specversion\":\"1.0\",\"id\":\"a\\n\nb\"}",
		"a bad escape":        `{"specversion":"1.0","id":"\x"}`,
		"a short escape":      `{"specversion":"1.0","id":"\u00`,
		"no end":              `{"specversion":"1.0","id":"a`,
		"not UTF-8":           "{\"specversion\":\"1.0\",\"id\":\"\xff\"}",
		"a bad number":        `{"specversion":"1.0","x":1.}`,
		"too long":            `{"specversion":"1.0","id":"` + strings.Repeat("a", MaxHeader) + `"}`,
	} {
		t.Run(name, func(t *testing.T) {
			h := full()
			err := ScanHeader([]byte(in), &h)
			var he *HeaderError
			if !errors.As(err, &he) {
				t.Fatalf("err = %v, want a *HeaderError", err)
			}
			if h != (Header{}) {
				t.Errorf("a refused header left %+v", h)
			}
		})
	}
}

func TestHeaderCodecDoesNotAllocateMuch(t *testing.T) {
	h := full()
	b := AppendHeader(nil, &h)
	if n := testing.AllocsPerRun(100, func() { b = AppendHeader(b[:0], &h) }); n != 0 {
		t.Errorf("AppendHeader: %v allocations, want 0", n)
	}
	var got Header
	if n := testing.AllocsPerRun(100, func() { _ = ScanHeader(b, &got) }); n > 1 {
		t.Errorf("ScanHeader: %v allocations, want 1", n)
	}
}

func FuzzScanHeader(f *testing.F) {
	h := full()
	f.Add(AppendHeader(nil, &h))
	f.Add([]byte(`{"specversion":"1.0","x":-0.1E-2,"id":"\ud800\u0041","wwseq":"0"}`))
	f.Add([]byte(`{"specversion":"1.0","wwseq":null}`))
	f.Fuzz(func(t *testing.T, b []byte) {
		var got Header
		if ScanHeader(b, &got) != nil {
			return
		}
		var raw map[string]any
		dec := json.NewDecoder(bytes.NewReader(b))
		dec.UseNumber()
		if err := dec.Decode(&raw); err != nil {
			t.Fatalf("we take %q, encoding/json does not: %v", b, err)
		}
		want := oracle(t, raw)
		if diff := cmp.Diff(want, got); diff != "" {
			t.Fatalf("%q (-encoding/json +ours):\n%s", b, diff)
		}
		var again Header
		if out := AppendHeader(nil, &got); len(out) <= MaxHeader {
			if err := ScanHeader(out, &again); err != nil || again != got {
				t.Fatalf("%q does not survive a round trip: %v", out, err)
			}
		}
	})
}

// oracle builds the header from what encoding/json understood, with numbers and strings of digits alike.
func oracle(t *testing.T, raw map[string]any) Header {
	t.Helper()
	for _, k := range []string{"wwseq", "wwttlms"} {
		if n, ok := raw[k].(json.Number); ok {
			raw[k] = n.String()
		}
	}
	for _, k := range []string{"wwattempt", "wwdropped", "wwuser"} {
		if s, ok := raw[k].(string); ok {
			raw[k] = json.Number(s)
		}
	}
	b, err := json.Marshal(raw)
	if err != nil {
		t.Fatal(err)
	}
	var w wireHeader
	if err := json.Unmarshal(b, &w); err != nil {
		t.Fatalf("%s: %v", b, err)
	}
	return w.header()
}

func FuzzAppendHeader(f *testing.F) {
	f.Add("a", "b\x00\"\\", uint64(7), 1, int64(5))
	f.Add("\xff", "é😀\u2028", uint64(0), -1, int64(-5))
	f.Fuzz(func(t *testing.T, id, session string, seq uint64, attempt int, ttl int64) {
		in := Header{ID: id, Session: session, Seq: seq, Attempt: int(int32(attempt)), TTL: ttl}
		b := AppendHeader(nil, &in)
		if !json.Valid(b) || !utf8.Valid(b) {
			t.Fatalf("not JSON: %q", b)
		}
		if len(b) > MaxHeader {
			return
		}
		in.ID, in.Session = clean(id), clean(session)
		var out Header
		if err := ScanHeader(b, &out); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(in, out); diff != "" {
			t.Fatal(diff)
		}
	})
}

// clean replaces each byte that is not UTF-8, as encoding/json does; strings.ToValidUTF8 replaces runs of them.
func clean(s string) string { return string([]rune(s)) }

func BenchmarkAppendHeader(b *testing.B) {
	h := full()
	buf := AppendHeader(nil, &h)
	b.ReportAllocs()
	for b.Loop() {
		buf = AppendHeader(buf[:0], &h)
	}
}

func BenchmarkScanHeader(b *testing.B) {
	h := full()
	buf := AppendHeader(nil, &h)
	b.ReportAllocs()
	for b.Loop() {
		if err := ScanHeader(buf, &h); err != nil {
			b.Fatal(err)
		}
	}
}
