package bench

import (
	"encoding/json"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

const childEnv = "WW_BENCH_CHILD"

func TestMain(m *testing.M) {
	if args := os.Getenv(childEnv); args != "" {
		os.Exit(Child(strings.Split(args, "\x1f")))
	}
	os.Exit(m.Run())
}

// self runs the test binary as a process of the bench.
func self(args ...string) *exec.Cmd {
	exe, err := os.Executable()
	if err != nil {
		panic(err)
	}
	cmd := exec.Command(exe)
	cmd.Env = append(os.Environ(), childEnv+"="+strings.Join(args, "\x1f"))
	return cmd
}

func shortDir(t testing.TB) string {
	t.Helper()
	dir, err := os.MkdirTemp("/tmp", "w")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	return dir
}

func TestBusPairsWork(t *testing.T) {
	pairs, done, err := openBus(t.Context(), self, shortDir(t))
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range pairs {
		rows, err := Compare(t.Context(), p, 2, 5*time.Millisecond)
		if err != nil {
			t.Fatal(err)
		}
		row := rows[0]
		if row.Value <= 0 || row.BaselineValue <= 0 || row.Ratio <= 0 || row.Windows != 2 || row.Samples == 0 {
			t.Errorf("row %+v", row)
		}
	}
	if err := done(); err != nil {
		t.Fatal(err)
	}
}

func TestRowHasTheKeysOfTheContract(t *testing.T) {
	b, err := json.Marshal(Row{Baseline: "raw", BaselineValue: 1, Ratio: 1, Goal: "g"})
	if err != nil {
		t.Fatal(err)
	}
	for _, key := range []string{"name", "unit", "value", "p99", "baseline", "baseline_value", "ratio", "goal", "ok"} {
		if !strings.Contains(string(b), `"`+key+`":`) {
			t.Errorf("row has no %q: %s", key, b)
		}
	}
}

func TestRawRingGoesRound(t *testing.T) {
	once, done, err := RawRing(t.Context(), self, shortDir(t), 3, 1200)
	if err != nil {
		t.Fatal(err)
	}
	for range 100 {
		if err := once(); err != nil {
			t.Fatal(err)
		}
	}
	if err := done(); err != nil {
		t.Fatal(err)
	}
}

func TestRunNamesTheAreas(t *testing.T) {
	_, err := Run(t.Context(), Areas(), "nothing", self)
	if err == nil || !strings.Contains(err.Error(), "bus") {
		t.Errorf("err = %v", err)
	}
}

func TestARowIsNotJudgedAgainstANoisyBaseline(t *testing.T) {
	ms := func(n int) window { return window{p50: time.Duration(n) * time.Millisecond, n: 1} }
	p := Pair{Goal: 2}
	quiet := p.row([]window{ms(3), ms(9), ms(3)}, []window{ms(2), ms(2), ms(2)})
	if quiet.OK == nil || !*quiet.OK || quiet.Ratio != 1.5 || quiet.RatioMax != 4.5 {
		t.Errorf("quiet: %+v", quiet)
	}
	slow := p.row([]window{ms(5)}, []window{ms(2)})
	if slow.OK == nil || *slow.OK {
		t.Errorf("slow: %+v", slow)
	}
	if r := p.row([]window{ms(3), ms(3)}, []window{ms(2), ms(5)}); r.OK != nil {
		t.Errorf("noisy: %+v", r)
	}
}

func TestTailsAreRowsOfTheirOwn(t *testing.T) {
	of := func(ms ...int) window {
		w := window{n: len(ms)}
		for _, n := range ms {
			w.sorted = append(w.sorted, time.Duration(n)*time.Millisecond)
		}
		w.p50 = w.sorted[len(ms)/2]
		return w
	}
	p := Pair{Name: "turn", Unit: "ms"}
	ours, raw := []window{of(1, 2, 8)}, []window{of(1, 1, 2)}
	r := p.tail(Tail{Q: 0.99, Name: ", p99", Goal: 4}, ours, raw)
	if r.Name != "turn, p99" || r.Value != 8 || r.BaselineValue != 2 || r.Ratio != 4 || r.OK == nil || !*r.OK {
		t.Errorf("%+v", r)
	}
	if r := p.tail(Tail{Q: 0.99, Limit: 7 * time.Millisecond}, ours, raw); r.OK == nil || *r.OK {
		t.Errorf("above its limit: %+v", r)
	}
	if r := p.tail(Tail{Q: 0.99, Limit: 9 * time.Millisecond, RawLimit: time.Millisecond}, ours, raw); r.OK != nil {
		t.Errorf("on a machine that is slower than the limit is meant for: %+v", r)
	}
}

func TestMissingSideIsAnError(t *testing.T) {
	fail := errors.New("broken")
	_, err := Compare(t.Context(), Pair{Raw: func() error { return fail }}, 1, time.Millisecond)
	if !errors.Is(err, fail) {
		t.Errorf("err = %v", err)
	}
}

func BenchmarkBus(b *testing.B) {
	pairs, done, err := openBus(b.Context(), self, shortDir(b))
	if err != nil {
		b.Fatal(err)
	}
	for i, name := range []string{"call", "ring"} {
		b.Run(name+"/raw", func(b *testing.B) { loop(b, pairs[i].Raw) })
		b.Run(name+"/ours", func(b *testing.B) { loop(b, pairs[i].Ours) })
	}
	if err := done(); err != nil {
		b.Fatal(err)
	}
}

func loop(b *testing.B, once Side) {
	for b.Loop() {
		if err := once(); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkReport prints the whole report when WW_BENCH_REPORT names a file for it.
func BenchmarkReport(b *testing.B) {
	path := os.Getenv("WW_BENCH_REPORT")
	if path == "" {
		b.Skip("needs WW_BENCH_REPORT=FILE")
	}
	r, err := Run(b.Context(), Areas(), "", self)
	if err != nil {
		b.Fatal(err)
	}
	out, err := json.MarshalIndent(r, "", "  ")
	if err != nil {
		b.Fatal(err)
	}
	if err := os.WriteFile(filepath.Clean(path), append(out, '\n'), 0o600); err != nil {
		b.Fatal(err)
	}
}

// The areas that are pairs work: every side of every pair does what it says, once or a few times.
func TestEveryPairWorks(t *testing.T) {
	for _, a := range Areas() {
		if a.Name == "bus" {
			continue // has a test of its own
		}
		t.Run(a.Name, func(t *testing.T) {
			pairs, done, err := a.Open(t.Context(), self, shortDir(t))
			if err != nil {
				t.Fatal(err)
			}
			for _, p := range pairs {
				p.Window = 0
				rows, err := Compare(t.Context(), p, 1, time.Millisecond)
				if err != nil {
					t.Errorf("%s: %v", p.Name, err)
					continue
				}
				for _, r := range rows {
					if r.Value <= 0 || r.BaselineValue <= 0 || r.Samples == 0 {
						t.Errorf("row %+v", r)
					}
				}
			}
			if err := done(); err != nil {
				t.Error(err)
			}
		})
	}
}
