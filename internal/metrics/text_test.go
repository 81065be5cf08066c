package metrics

import (
	"fmt"
	"os"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/woodwork-lang/ww/golden"
)

func text(t testing.TB, s Snapshot) string {
	t.Helper()
	var b strings.Builder
	if err := WriteText(&b, s); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestTheTextForm(t *testing.T) {
	set := New()
	set.Calls.With("agent", `quote " back \ and`+"\nline", "ok").Add(7)
	set.BreakerState.With("agent", "llm").Set(BreakerOpen)
	for _, d := range []time.Duration{time.Microsecond, 2 * time.Millisecond, 3 * time.Second, time.Hour} {
		set.Routing.With("agent").Observe(d)
	}
	golden.Equal(t, "metrics/text", text(t, set.Snapshot()))
}

// sample is one line of the text form.
var sample = regexp.MustCompile(`^([a-z_]+)(?:\{((?:[a-z_]+="(?:[^"\\\n]|\\[\\n"])*",?)*)\})? (\S+)$`)

// Every line is one that Prometheus takes, every name ends as its kind wants, and histograms are cumulative.
func TestTheTextFormIsWellFormed(t *testing.T) {
	set := New()
	nasty := "a\"b\\c\nd\x00ä\xff{}=,"
	for i := range 5 {
		v := nasty + strconv.Itoa(i)
		set.Calls.With(v, v, v).Inc()
		set.Queueing.With(v).Observe(time.Duration(i) * time.Second)
		set.InFlight.With(v).Set(-3)
	}
	kinds, seen, last := map[string]Kind{}, map[string]bool{}, map[string]float64{}
	for line := range strings.Lines(text(t, set.Snapshot())) {
		line = strings.TrimSuffix(line, "\n")
		if rest, ok := strings.CutPrefix(line, "# TYPE "); ok {
			name, kind, _ := strings.Cut(rest, " ")
			if _, again := kinds[name]; again {
				t.Errorf("%s is declared twice", name)
			}
			kinds[name] = Kind(kind)
			continue
		}
		if strings.HasPrefix(line, "# HELP ") {
			continue
		}
		m := sample.FindStringSubmatch(line)
		if m == nil {
			t.Fatalf("not a sample: %q", line)
		}
		if seen[m[1]+"{"+m[2]] {
			t.Errorf("twice: %s", line)
		}
		seen[m[1]+"{"+m[2]] = true
		n, err := strconv.ParseFloat(m[3], 64)
		if err != nil {
			t.Fatal(err)
		}
		if base, ok := strings.CutSuffix(m[1], "_bucket"); ok {
			series, _, _ := strings.Cut(m[2], `le=`)
			if n < last[base+series] {
				t.Errorf("not cumulative: %s", line)
			}
			last[base+series] = n
		}
	}
	for name, kind := range kinds {
		ok := map[Kind]bool{
			KindCounter:   strings.HasSuffix(name, "_total"),
			KindHistogram: strings.HasSuffix(name, "_seconds"),
			KindGauge:     !strings.HasSuffix(name, "_total"),
		}[kind]
		if !ok || !strings.HasPrefix(name, "ww_") {
			t.Errorf("%s is not a name for a %s", name, kind)
		}
	}
	if len(kinds) != len(Defs()) {
		t.Errorf("%d instruments, the catalog has %d", len(kinds), len(Defs()))
	}
}

func TestABadSnapshotIsNotWritten(t *testing.T) {
	var b strings.Builder
	err := WriteText(&b, Snapshot{V: Version, Families: []Family{{Name: "x y", Kind: KindCounter}}})
	if err == nil || b.Len() > 0 {
		t.Fatalf("%q, %v", b.String(), err)
	}
}

// The names of the first design, word for word.
var firstNames = []string{
	"component_registrations_total", "component_failures_total", "heartbeat_failures_total", "workflow_routing_time_ms",
	"session_creation_rate_per_sec", "cross_component_calls_total", "circuit_breaker_state", "circuit_breaker_trips_total",
	"fallback_executions_total", "service_discovery_time_ms", "component_discovery_success_rate",
}

func TestEveryInstrumentOfTheFirstDesignIsThere(t *testing.T) {
	aliases := map[string]bool{}
	for _, d := range Defs() {
		aliases[d.Alias] = true
	}
	for _, name := range firstNames {
		if !aliases["distributed."+name] {
			t.Errorf("nothing stands for distributed.%s", name)
		}
	}
}

func TestThePageNamesEveryInstrument(t *testing.T) {
	b, err := os.ReadFile("../../docs/reference/metrics.md")
	if err != nil {
		t.Fatal(err)
	}
	page := string(b)
	for _, d := range Defs() {
		labels := make([]string, len(d.Labels))
		for i, l := range d.Labels {
			labels[i] = "`" + l + "`"
		}
		rows := []string{fmt.Sprintf("| `%s` | %s | %s | %s |\n", d.Name, d.Kind, strings.Join(labels, ", "), d.Help)}
		if d.Alias != "" {
			from := d.From
			if from == "" {
				from = d.Name
			}
			rows = append(rows, fmt.Sprintf("| `%s` | `%s` |\n", d.Alias, from))
		}
		for _, row := range rows {
			if !strings.Contains(page, row) {
				t.Errorf("docs/reference/metrics.md lacks this row:\n%s", row)
			}
		}
	}
	if rows := strings.Count(page, "\n| `"); rows != len(Defs())+len(firstNames) {
		t.Errorf("docs/reference/metrics.md has %d rows, the catalog makes %d", rows, len(Defs())+len(firstNames))
	}
}
