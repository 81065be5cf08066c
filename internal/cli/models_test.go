package cli_test

import (
	"net/http/httptest"
	"os"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/woodwork-lang/ww/internal/kinds/llm/llmtest"
)

// TestModels runs apps whose models are asked over HTTP: a server speaks the services' protocols at $MODELS and $BROKEN.
func TestModels(t *testing.T) {
	t.Parallel()
	testscript.Run(t, testscript.Params{
		Dir: "testdata/models", RequireExplicitExec: true, RequireUniqueNames: true, Condition: condition,
		Cmds:          map[string]func(*testscript.TestScript, bool, []string){"alive": alive, "waitfor": waitFor},
		UpdateScripts: os.Getenv("WW_UPDATE") != "" && os.Getenv("CI") == "",
		Setup: func(e *testscript.Env) error {
			if err := setup(e); err != nil {
				return err
			}
			good := httptest.NewServer(llmtest.New(
				llmtest.Reply{Pieces: []string{"I ask ", "the clock."}, Calls: []llmtest.Call{{ID: "c1", Name: "clock", Arguments: `{"zone":"UTC"}`}}, In: 100, Out: 10},
				llmtest.Reply{Pieces: []string{"It is ", "noon."}, In: 150, Out: 20},
				llmtest.Reply{Pieces: []string{"Hello, ", "you."}, In: 5, Out: 5},
			))
			bad := httptest.NewServer(llmtest.New(llmtest.Reply{Status: 401, Error: "Incorrect API key provided: sk-t****t"}))
			e.Defer(good.Close)
			e.Defer(bad.Close)
			e.Setenv("MODELS", good.URL+"/v1")
			e.Setenv("BROKEN", bad.URL+"/v1")
			e.Setenv("TEST_API_KEY", "sk-this-is-secret")
			return nil
		},
	})
}
