package localbus

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/anishathalye/porcupine"

	"github.com/woodwork-lang/ww/internal/bus"
)

// seed is that of WW_SEED, or a new one; a test that fails has said which it was.
func seed(t *testing.T) uint64 {
	t.Helper()
	if s := os.Getenv("WW_SEED"); s != "" {
		n, err := strconv.ParseUint(s, 10, 64)
		if err != nil {
			t.Fatalf("WW_SEED: %v", err)
		}
		return n
	}
	n := rand.Uint64()
	t.Logf("to run this again: WW_SEED=%d go test -run '^%s$' ./localbus", n, t.Name())
	return n
}

// regOp is an operation on one registration: it is known with a number, or not at all (0).
type regOp struct {
	verb string // set (say, deregister, kill), get
	id   string
	to   int // of a set
}

// regResult is the number that was found, or that nobody knows whether the operation took place.
type regResult struct {
	value   int
	unknown bool
}

// registryModel: what was registered last is what is found; who has taken it back, or is dead, is not found.
func registryModel() porcupine.Model {
	model := (&porcupine.NondeterministicModel{
		Init: func() []interface{} { return []any{0} },
		Step: func(state, input, output any) []any {
			in, out := input.(regOp), output.(regResult)
			switch {
			case in.verb == "set" && out.unknown:
				return []any{state, in.to}
			case in.verb == "set":
				return []any{in.to}
			case out.value == state.(int):
				return []any{state}
			}
			return nil
		},
		DescribeOperation: func(input, output any) string { return fmt.Sprintf("%+v → %+v", input, output) },
	}).ToModel()
	model.Partition = func(all []porcupine.Operation) [][]porcupine.Operation {
		byID := map[string][]porcupine.Operation{}
		for _, o := range all {
			byID[o.Input.(regOp).id] = append(byID[o.Input.(regOp).id], o)
		}
		var out [][]porcupine.Operation
		for _, part := range byID {
			out = append(out, part)
		}
		return out
	}
	return model
}

// members are processes that come, register, go and die, and those who look at them.
type members struct {
	*history
	dir   string
	count int
	lives int
	seed  uint64

	mu  sync.Mutex
	ids []string // of those who may be there
}

// life is that of several processes, one after the other.
func (f *members) life(n int) {
	rng := rand.New(rand.NewPCG(f.seed, uint64(n)))
	for life := range f.lives {
		id := fmt.Sprintf("member-%d%03d", n, life)
		a := newActor(f.t, "member", f.dir)
		a.tell("join " + id)
		if ok, _ := a.hear(f.t); !ok {
			a.kill()
			return
		}
		f.mu.Lock()
		f.ids = append(f.ids, id)
		f.mu.Unlock()
		f.live(n, id, a, rng)
		a.kill()
	}
}

func (f *members) live(n int, id string, a *actor, rng *rand.Rand) {
	for v := 1; ; v++ {
		order, to := fmt.Sprint("say "+id+" ", v), v
		last := v > 3 && rng.IntN(6) == 0
		if last || rng.IntN(5) == 0 {
			order, to = []string{"deregister", "close"}[min(1, rng.IntN(6)/4)], 0
		}
		call := f.now()
		a.tell(order)
		if last {
			a.kill()
			ret := f.now()
			f.add(n, regOp{"set", id, to}, regResult{unknown: true}, call, ret)
			f.add(f.count+n, regOp{"set", id, 0}, regResult{}, call, ret) // the end of its life
			return
		}
		a.hear(f.t)
		f.add(n, regOp{"set", id, to}, regResult{}, call, f.now())
		if order == "close" {
			return
		}
	}
}

// ask looks for one of those who may be there.
func (f *members) ask(client int, d bus.Directory, rng *rand.Rand) {
	f.mu.Lock()
	ids := slices.Clone(f.ids[max(0, len(f.ids)-2*f.count):])
	f.mu.Unlock()
	if len(ids) == 0 {
		return
	}
	if rng.IntN(2) == 0 {
		f.askAll(client, d, ids)
		return
	}
	id := ids[rng.IntN(len(ids))]
	call := f.now()
	c, err := d.Get(f.t.Context(), id)
	if err != nil && !errors.Is(err, bus.ErrUnknown) {
		f.t.Errorf("Get: %v", err)
	}
	f.add(client, regOp{"get", id, 0}, regResult{value: numberOf(c)}, call, f.now())
}

// askAll takes one answer as one about each of them.
func (f *members) askAll(client int, d bus.Directory, ids []string) {
	call := f.now()
	all, err := d.Discover(f.t.Context(), bus.Query{Name: "member"})
	ret := f.now()
	if err != nil {
		f.t.Errorf("Discover: %v", err)
	}
	for i, id := range ids {
		value := 0
		for _, c := range all {
			if c.ID == id {
				value = numberOf(c)
			}
		}
		f.add(client+1000*i, regOp{"get", id, 0}, regResult{value: value}, call, ret)
	}
}

// numberOf is the number that an instance has registered with; 0 when it was not found.
func numberOf(c bus.ComponentInfo) int {
	if len(c.Capabilities) == 0 {
		return 0
	}
	n, _ := strconv.Atoi(c.Capabilities[0])
	return n
}

// run lets them live, while readers look through the eyes that see makes for each.
func (f *members) run(readers int, see func() bus.Directory) {
	f.began = time.Now()
	var lives, others sync.WaitGroup
	done := make(chan struct{})
	for n := range f.count {
		lives.Go(func() { f.life(n) })
	}
	for i := range readers {
		d := see()
		rng := rand.New(rand.NewPCG(f.seed, uint64(1000+i)))
		others.Go(func() {
			for {
				select {
				case <-done:
					return
				default:
					f.ask(100+i, d, rng)
				}
			}
		})
	}
	lives.Wait()
	close(done)
	others.Wait()
}

// TestT33Registry: processes register, change what they say, take it back, leave and are killed, while others ask for
// them. There is an order in which every answer was true.
func TestT33Registry(t *testing.T) {
	f := &members{history: &history{t: t}, dir: runDir(t), count: 4, lives: 8, seed: seed(t)}
	f.run(3, func() bus.Directory {
		return join(t, Options{Dir: f.dir, Component: "reader", Role: RoleClient}).Registry()
	})
	if r := f.check(registryModel()); r != porcupine.Ok {
		t.Errorf("seed %d: %s", f.seed, r)
	}
}

// TestT33FindsAStaleRegistry: answers that are a few milliseconds old are noticed.
func TestT33FindsAStaleRegistry(t *testing.T) {
	f := &members{history: &history{t: t}, dir: runDir(t), count: 4, lives: 4, seed: seed(t)}
	f.run(2, func() bus.Directory {
		return &stale{Directory: join(t, Options{Dir: f.dir, Component: "reader", Role: RoleClient}).Registry(), kept: map[bus.Query]answer{}}
	})
	if r := f.check(registryModel()); r != porcupine.Illegal {
		t.Errorf("a registry that remembers too long is %s", r)
	}
}

// stale is a directory that asks only when its answer is older than 20 ms.
type stale struct {
	bus.Directory
	kept map[bus.Query]answer
}

type answer struct {
	list []bus.ComponentInfo
	at   time.Time
}

// Discover implements bus.Directory.
func (s *stale) Discover(ctx context.Context, q bus.Query) ([]bus.ComponentInfo, error) {
	if a := s.kept[q]; time.Since(a.at) < 20*time.Millisecond {
		return a.list, nil
	}
	list, err := s.Directory.Discover(ctx, q)
	s.kept[q] = answer{list, time.Now()}
	return list, err
}
