package pyfile_test

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/woodwork-lang/ww/internal/kinds/pyfile"
)

// torchDouble is as much of torch as a network of one number needs.
const torchDouble = `
import contextlib, json
float32 = "float32"
class tensor:
    def __init__(self, v, dtype=None):
        self.v = [float(x) for x in v] if dtype else v
    def tolist(self): return self.v
def get_default_dtype(): return float32
no_grad = contextlib.nullcontext
def load(path, map_location=None, weights_only=False):
    assert map_location == "cpu" and weights_only
    return json.load(open(path))
class Module:
    def load_state_dict(self, state): self.state = state
    def eval(self): self.trained = False
    def __call__(self, *a, **k): return self.forward(*a, **k)
`

const network = `
import sys
try:
    import torch
    Base = torch.Module
except ImportError:
    Base = object
made = 0
class Net(Base):
    def __init__(self):
        global made
        made += 1
    def forward(self, x):
        if not all(isinstance(v, float) for v in x.v): raise RuntimeError("expected Float but found Long")
        return {"y": torch.tensor([v * self.state["w"] for v in x.v]), "made": made, "trained": self.trained}
`

func (w *world) forward(t *testing.T, m pyfile.Model, function string, inputs map[string]any) string {
	t.Helper()
	r, err := w.host.Call(t.Context(), pyfile.Call{File: "fx.py", Function: function, Inputs: inputs, Model: &m})
	if err != nil {
		t.Fatal(err)
	}
	return string(r.Body)
}

func TestANetworkIsLoadedOnceAndRunsForward(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	write(t, filepath.Join(dir, "torch.py"), torchDouble)
	write(t, filepath.Join(dir, "w.pt"), `{"state_dict": {"w": 3}}`)
	w := openIn(t, dir, network)
	net := pyfile.Model{Class: "Net", Weights: "w.pt"}
	const want = `{"y": [3.0, 6.0], "made": 1, "trained": false}`
	for name, inputs := range map[string]map[string]any{"by name": {"x": []any{1, 2}}, "by a name of the model's": {"input": []any{1.0, 2.0}}} {
		if got := w.forward(t, net, "forward", inputs); got != want {
			t.Errorf("%s: %s", name, got)
		}
	}
	for want, c := range map[string]pyfile.Model{
		"there is no class Nut in fx.py":                         {Class: "Nut", Weights: "w.pt"},
		"there is no file gone.pt, which model_weights names":    {Class: "Net", Weights: "gone.pt"},
		"a network has one function: forward; there is no train": net,
	} {
		function := "forward"
		if c == net {
			function = "train"
		}
		if got := w.forward(t, c, function, map[string]any{"x": []any{1}}); !strings.Contains(got, want) {
			t.Errorf("%s, want %s", got, want)
		}
	}
	if got := w.forward(t, net, "forward", map[string]any{"a": 1, "b": 2}); !strings.Contains(got, "it is forward(x)") {
		t.Error(got)
	}
}

func TestWithoutTorchANetworkSaysHowToInstallIt(t *testing.T) {
	t.Parallel()
	w := openIn(t, t.TempDir(), "import sys\nsys.modules['torch'] = None\nclass Net: pass\n")
	if got := w.forward(t, pyfile.Model{Class: "Net", Weights: "w.pt"}, "forward", nil); !strings.HasPrefix(got, "ModuleNotFoundError: ") || !strings.Contains(got, "install torch") {
		t.Error(got)
	}
}
