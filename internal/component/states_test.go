package component

import (
	"bytes"
	"log/slog"
	"strings"
	"testing"

	"github.com/woodwork-lang/ww/internal/bus"
)

func TestAStepThatIsNotInTheTableIsRefusedAndLogged(t *testing.T) {
	for _, from := range bus.States() {
		for _, to := range bus.States() {
			var log bytes.Buffer
			r := newRunner(Deps{Spec: Spec{Name: "brain", Instance: "brain-1"}, Log: slog.New(slog.NewTextHandler(&log, nil))})
			was := string(from)
			r.state.Store(&was)
			r.setState(string(to))
			want := from
			if from == to || from.May(to) {
				want = to
			}
			if got := bus.State(*r.state.Load()); got != want {
				t.Errorf("from %s to %s: it is %s", from, to, got)
			}
			if refused := strings.Contains(log.String(), "no such transition"); refused != (want != to) {
				t.Errorf("from %s to %s: logged %q", from, to, log.String())
			}
		}
	}
}
