package sdk_test

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"os"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/woodwork-lang/ww/internal/conform"
	"github.com/woodwork-lang/ww/internal/script"
	"github.com/woodwork-lang/ww/sdk"
)

// The test binary plays the guard and a component.
func TestMain(m *testing.M) {
	if len(os.Args) > 1 {
		switch os.Args[1] {
		case "guard":
			os.Exit(script.RunGuard())
		case "component":
			c := component()
			if err := c.Run(context.Background()); err != nil {
				os.Exit(1)
			}
			os.Exit(0)
		}
	}
	goleak.VerifyTestMain(m)
}

func component() sdk.Component {
	return sdk.Component{
		Name: "mine", Version: "1.0", MaxConcurrent: 3,
		Start: func(_ context.Context, config json.RawMessage) error {
			if strings.Contains(string(config), "refuse") {
				return errors.New("no model at /m")
			}
			return nil
		},
		Tools: []sdk.Tool{{Name: "double", Schema: sdk.Inputs(map[string]string{"n": "integer"}), Do: func(_ context.Context, t *sdk.Turn) (any, error) {
			var in struct{ N int }
			err := t.Into(&in)
			return map[string]int{"n": 2 * in.N}, err
		}}},
		Process: func(ctx context.Context, t *sdk.Turn) (any, error) {
			switch text := t.Text(); text {
			case "panic":
				panic("oh")
			case "ask":
				a, err := t.Call(ctx, "llm", "?")
				return a.Text(), err
			case "wait":
				<-ctx.Done()
				return nil, context.Cause(ctx)
			case "huge":
				return strings.Repeat("x", 2<<20), nil
			case "bytes":
				return []byte{0xff, 0}, nil
			default:
				t.Chunk("a piece")
				t.Emit("seen", map[string]string{"text": "x"})
				return "you said " + text, nil
			}
		},
	}
}

func TestAComponentOfThisPackageKeepsEveryPromise(t *testing.T) {
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range conform.Run(t.Context(), conform.Options{
		Command: script.Command{Argv: []string{exe, "component"}, Dir: t.TempDir(), Env: script.Environment(nil, "tag")}, Grace: 3 * time.Second,
	}, func(conform.Check) {}) {
		if c.Result != conform.OK {
			t.Errorf("%s: %s %s", c.Promise, c.Result, c.Problem)
		}
	}
}

// talk runs a component in this process: what it is told, and what it says to that, in the order of the ids.
func talk(t *testing.T, lines ...string) string {
	t.Helper()
	inR, inW := io.Pipe()
	outR, outW := io.Pipe()
	c := component()
	c.Test(inR, outW)
	ended := make(chan error, 1)
	go func() {
		ended <- c.Run(t.Context())
		outW.Close()
	}()
	heard := make(chan string)
	go func() {
		b, _ := io.ReadAll(outR)
		heard <- string(b)
	}()
	for _, l := range lines {
		if _, err := io.WriteString(inW, l+"\n"); err != nil {
			t.Fatal(err)
		}
	}
	inW.Close()
	if err := <-ended; err != nil {
		t.Error(err)
	}
	return <-heard
}

func TestWhatIsSaidToWhat(t *testing.T) {
	hop := func(data string) string {
		return `{"jsonrpc":"2.0","id":7,"method":"process","params":{"role":"hop","session":"s","data":` + data + `}}`
	}
	for _, tt := range []struct{ name, said, want string }{
		{"a turn", hop(`"hi"`), `{"jsonrpc":"2.0","id":7,"result":"you said hi"}`},
		{"its pieces", hop(`"hi"`), `{"jsonrpc":"2.0","method":"chunk","params":{"id":7,"text":"a piece"}}`},
		{"its events", hop(`"hi"`), `"params":{"data":{"text":"x"},"event":"seen","session":"s"}`},
		{"JSON", hop(`{"a":1}`), `"result":"you said {\"a\":1}"`},
		{"a panic", hop(`"panic"`), `"error":{"code":1,"message":"panic: oh"}`},
		{"too much", hop(`"huge"`), `"message":"the answer has 2097`},
		{"bytes", hop(`"bytes"`), `"result":{"content_type":"application/octet-stream","data":"/wA=","encoding":"base64"}`},
		{"a tool", `{"jsonrpc":"2.0","id":7,"method":"process","params":{"role":"call","tool":"double","inputs":{"n":21},"data":{}}}`, `"result":{"data":{"n":42}}`},
		{"a tool that is none", `{"jsonrpc":"2.0","id":7,"method":"process","params":{"role":"call","tool":"halve","data":{}}}`, `there is no tool \"halve\"`},
		{"a wrong input", `{"jsonrpc":"2.0","id":7,"method":"process","params":{"role":"call","tool":"double","inputs":{"n":"x"},"data":{}}}`, `"error":{"code":1,"message":"json: cannot unmarshal`},
		{"a start", `{"jsonrpc":"2.0","id":1,"method":"initialize","params":{"config":{}}}`, `"method":"ready","params":{"name":"mine","version":"1.0","capabilities":["ping"],"tools":[{"name":"double"`},
		{"a start that is refused", `{"jsonrpc":"2.0","id":1,"method":"initialize","params":{"config":{"refuse":1}}}`, `{"jsonrpc":"2.0","id":1,"error":{"code":1,"message":"no model at /m"}}`},
		{"a call", hop(`"ask"`) + "\n" + `{"jsonrpc":"2.0","id":"c1","result":{"data":"the model says"}}`, `"method":"call","params":{"component":"llm","data":"?","id":7}`},
		{"what it does not know", `{"jsonrpc":"2.0","id":3,"method":"dance"}`, `"error":{"code":-32601`},
		{"junk", "junk\n" + hop(`"hi"`), `"result":"you said hi"`},
	} {
		if got := talk(t, tt.said); !strings.Contains(got, tt.want) {
			t.Errorf("%s: got %.300s\nwant %s", tt.name, got, tt.want)
		}
	}
}
