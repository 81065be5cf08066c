package localbus

import (
	"fmt"
	"math/rand/v2"
	"sync"
	"testing"
	"time"

	"github.com/anishathalye/porcupine"
)

// An operation on a lock that several processes want, and on the number that it protects.
type lockOp struct {
	verb  string // take, put, give, kill, alive
	key   string // the lock
	who   string // the process
	value int    // of a put
}

// lockResult is how it went. The result of an operation in whose middle its process was killed is unknown.
type lockResult struct {
	ok      bool
	value   int // of a take
	unknown bool
}

// lockState is a lock as it should be.
type lockState struct {
	holder string
	value  int
}

// lockModel: at most one holder; who takes the lock sees the last number that was put; whoever asks whether somebody
// holds it gets the truth.
func lockModel() porcupine.Model {
	model := (&porcupine.NondeterministicModel{
		Init: func() []any { return []any{lockState{}} },
		Step: func(state, input, output any) []any {
			s, in, out := state.(lockState), input.(lockOp), output.(lockResult)
			return lockStep(s, in, out)
		},
		DescribeOperation: func(input, output any) string { return fmt.Sprintf("%+v → %+v", input, output) },
	}).ToModel()
	model.Partition = func(all []porcupine.Operation) [][]porcupine.Operation {
		byKey := map[string][]porcupine.Operation{}
		for _, o := range all {
			byKey[o.Input.(lockOp).key] = append(byKey[o.Input.(lockOp).key], o)
		}
		var out [][]porcupine.Operation
		for _, part := range byKey {
			out = append(out, part)
		}
		return out
	}
	return model
}

func lockStep(s lockState, in lockOp, out lockResult) []any {
	after := s
	possible := true
	switch in.verb {
	case "alive":
		possible = out.ok == (s.holder != "")
	case "take":
		after.holder = in.who
		switch {
		case out.unknown && s.holder != "":
			after = s
		case out.unknown:
		case out.ok:
			possible = s.holder == "" && out.value == s.value
		default:
			after, possible = s, s.holder != ""
		}
	case "put":
		after.value = in.value
		possible = s.holder == in.who
	case "give":
		after.holder = ""
		possible = s.holder == in.who
	case "kill":
		if s.holder == in.who {
			after.holder = ""
		}
	}
	switch {
	case out.unknown && possible:
		return []any{s, after}
	case out.unknown:
		return []any{s}
	case possible:
		return []any{after}
	}
	return nil
}

// history is what several goroutines did and saw, with times that they agree about.
type history struct {
	t     *testing.T
	began time.Time

	mu  sync.Mutex
	ops []porcupine.Operation
}

func (h *history) now() int64 { return int64(time.Since(h.began)) }

func (h *history) add(client int, in, out any, call, ret int64) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.ops = append(h.ops, porcupine.Operation{ClientId: client, Input: in, Output: out, Call: call, Return: ret})
}

// check decides whether there is an order in which everything makes sense.
func (h *history) check(m porcupine.Model) porcupine.CheckResult {
	h.t.Helper()
	began := time.Now()
	result := porcupine.CheckOperationsTimeout(m, h.ops, time.Minute)
	h.t.Logf("%d operations: %s, decided in %v", len(h.ops), result, time.Since(began).Round(time.Millisecond))
	return result
}

// contest is several processes that want the same locks.
type contest struct {
	*history
	part, dir string
	keys      []string
	clients   int
	steps     int
	numbers   bool // the lock protects a number
	stays     bool // who holds a lock keeps it for a while
	seed      uint64
}

// client is one process after the other that take locks, hold them and are killed at any moment.
func (c *contest) client(n int) {
	rng := rand.New(rand.NewPCG(c.seed, uint64(n)))
	life := 0
	who, a := fmt.Sprintf("%d.%d", n, life), newActor(c.t, c.part, c.dir)
	defer func() { a.kill() }()
	holds, seen := "", 0
	for range c.steps {
		if holds != "" && c.stays && rng.IntN(3) > 0 {
			a.tell("stay")
			a.hear(c.t)
			continue
		}
		op := lockOp{verb: "give", key: holds, who: who}
		switch {
		case holds == "":
			op.verb, op.key = "take", c.keys[rng.IntN(len(c.keys))]
		case c.numbers && rng.IntN(3) > 0:
			seen++
			op.verb, op.value = "put", seen
		}
		order := fmt.Sprintf("%s %s %d", op.verb, op.key, op.value)
		if rng.IntN(8) == 0 { // in the middle, before it or after it
			call := c.now()
			a.tell(order)
			for range rng.IntN(2000) { //nolint:revive // a moment
			}
			a.kill()
			ret := c.now()
			c.add(n, op, lockResult{unknown: true}, call, ret)
			c.add(c.clients+n, lockOp{verb: "kill", key: op.key, who: who}, lockResult{}, call, ret)
			life++
			who, a, holds = fmt.Sprintf("%d.%d", n, life), newActor(c.t, c.part, c.dir), ""
			continue
		}
		call := c.now()
		a.tell(order)
		ok, value := a.hear(c.t)
		c.add(n, op, lockResult{ok: ok, value: value}, call, c.now())
		switch {
		case op.verb == "take" && ok:
			holds, seen = op.key, value
		case op.verb == "give":
			holds = ""
		}
	}
	if holds != "" {
		call := c.now()
		a.kill()
		c.add(n, lockOp{verb: "kill", key: holds, who: who}, lockResult{}, call, c.now())
	}
}

// run lets them fight; beside, runs until they are done, again and again.
func (c *contest) run(beside ...func(client int)) {
	c.began = time.Now()
	var clients, others sync.WaitGroup
	done := make(chan struct{})
	for n := range c.clients {
		clients.Go(func() { c.client(n) })
	}
	for i, f := range beside {
		others.Go(func() {
			for {
				select {
				case <-done:
					return
				default:
					f(2*c.clients + i)
				}
			}
		})
	}
	clients.Wait()
	close(done)
	others.Wait()
}

// probe asks whether a lease is held.
func (c *contest) probe(client int) {
	for _, key := range c.keys {
		call := c.now()
		alive := Alive(c.dir, key)
		c.add(client, lockOp{verb: "alive", key: key}, lockResult{ok: alive}, call, c.now())
	}
	time.Sleep(time.Millisecond) //nolint:forbidigo // a history of nothing but questions says little
}

// TestT33Leases: processes take seats under the same names, leave and are killed, while others ask who is alive and
// remove the files of the dead. There is an order in which all of it makes sense.
func TestT33Leases(t *testing.T) {
	c := &contest{history: &history{t: t}, part: "lease", dir: runDir(t), keys: []string{"a-0001", "b-0001"}, clients: 5, steps: 40, seed: seed(t)}
	sweep := func(int) {
		if err := Sweep(c.dir, nil); err != nil {
			t.Errorf("Sweep: %v", err)
		}
		time.Sleep(time.Millisecond) //nolint:forbidigo // as often as components die, and a bit more
	}
	c.run(c.probe, c.probe, sweep)
	if r := c.check(lockModel()); r != porcupine.Ok {
		t.Errorf("seed %d: %s", c.seed, r)
	}
}

// TestT33Partitions: the same with the journals of partitions. Whoever takes one over sees everything that its owners
// have written, also those who were killed.
func TestT33Partitions(t *testing.T) {
	c := &contest{history: &history{t: t}, part: "journal", dir: runDir(t), keys: []string{"p0", "p1"}, clients: 5, steps: 80, numbers: true, seed: seed(t)}
	c.run()
	if r := c.check(lockModel()); r != porcupine.Ok {
		t.Errorf("seed %d: %s", c.seed, r)
	}
}

// TestT33FindsANaiveLease: a lease that is unlinked by its holder and not looked at again after it was locked has two
// holders now and then, and this is seen.
func TestT33FindsANaiveLease(t *testing.T) {
	first := seed(t)
	for round := range uint64(50) {
		c := &contest{history: &history{t: t}, part: "naive lease", dir: runDir(t), keys: []string{"a-0001"}, clients: 5, steps: 100, stays: true, seed: first + round}
		c.run()
		if c.check(lockModel()) == porcupine.Illegal {
			return
		}
	}
	t.Error("fifty histories of a wrong lease were found to be right")
}
