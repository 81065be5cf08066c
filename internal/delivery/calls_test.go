package delivery_test

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/woodwork-lang/ww/internal/delivery"
	"github.com/woodwork-lang/ww/internal/event"
)

// calling is an agent whose handler makes three calls to a tool that changes the world, in a schedule of deaths of both.
type calling struct {
	rng     *rand.Rand
	now     time.Time
	agent   *machine
	tool    *machine
	effects map[string]int // what was done to the world, by call
	mutant  callMutant
	deaths  int // that are still to come
}

// callMutant switches a part of R5 off.
type callMutant struct {
	name        string
	noReceipts  bool // the callee does not journal what it does
	otherID     bool // a handler that runs again names its calls anew
	repeatsDoom bool // a call whose outcome is unknown is silently done again
}

// machine is a partition and its disk.
type machine struct {
	cfg   delivery.Config
	part  *delivery.Partition
	disk  []delivery.Record
	loses bool // receipts are not written
}

func newMachine(name string) *machine {
	m := &machine{cfg: delivery.Config{
		Component: name, Instance: name + "-sim", Acceptor: true, Limits: delivery.DefaultLimits(),
		NewBase: func() string { return "b" }, Admit: func() bool { return true },
	}}
	m.part = delivery.New(m.cfg)
	return m
}

func (m *machine) take(e delivery.Effects) delivery.Effects {
	for _, r := range e.Records {
		if m.loses && delivery.IsReceipt(&r) {
			continue
		}
		m.disk = append(m.disk, r)
	}
	return e
}

func (m *machine) restart(now time.Time) {
	m.part = delivery.New(m.cfg)
	for _, r := range m.disk {
		d, err := delivery.Decode(byte(r.Kind), r.AppendPayload(nil))
		if err != nil {
			panic(err)
		}
		if err := m.part.Restore(d, now); err != nil {
			panic(err)
		}
	}
	m.take(m.part.Recover(now))
}

// dies says whether somebody dies here.
func (c *calling) dies() bool {
	if c.deaths == 0 || c.rng.IntN(3) > 0 {
		return false
	}
	c.deaths--
	return true
}

// errDead ends a handler because its process died.
var errDead = fmt.Errorf("dead")

// ask is one call: what the handler gets, or errDead.
func (c *calling) ask(job delivery.Job, n int) (string, error) {
	id := job.CallID("agent", n)
	if c.mutant.otherID {
		id += fmt.Sprint(".", len(c.agent.disk))
	}
	m := event.Message{Header: event.Header{ID: id, Type: event.TypeProcess, Subject: "tool", Session: "s", Turn: "t"}}
	state, prior, e := c.agent.part.Intent(job, n, m, c.now)
	c.agent.take(e)
	if c.dies() {
		return "", errDead
	}
	if state == delivery.StepDone {
		return prior.Type, nil
	}
	reply := c.answer(m)
	if c.dies() { // the answer is on its way to a dead agent
		return "", errDead
	}
	c.agent.take(c.agent.part.Step(job, n, reply, c.now))
	if c.dies() {
		return "", errDead
	}
	return reply.Type, nil
}

// answer is the tool's side, which is asked again when it dies.
func (c *calling) answer(m event.Message) event.Message {
	result := event.Message{Header: event.Header{Type: event.TypeResult}}
	for {
		state, known, e := c.tool.part.Ask(m, c.now)
		c.tool.take(e)
		switch state {
		case delivery.ReceiptDone:
			known.Type = known.Subject
			return known
		case delivery.ReceiptUnknown:
			if !c.mutant.repeatsDoom {
				return event.Message{Header: event.Header{Type: delivery.StepFailed}}
			}
			c.tool.part.Forget(m.ID)
			continue
		case delivery.ReceiptRunning:
			panic("nobody else asks")
		default:
		}
		if c.dies() { // before it did anything
			c.tool.restart(c.now)
			continue
		}
		c.effects[m.ID[:len("t/agent/1")]]++
		if c.dies() { // it did it, and nobody will know
			c.tool.restart(c.now)
			continue
		}
		c.tool.take(c.tool.part.Answered(m.ID, result, c.now))
		if c.dies() {
			c.tool.restart(c.now)
			continue
		}
		return result
	}
}

// play runs one schedule and says what is wrong with how it ended.
func playCalls(seed uint64, m callMutant) (wrong string) {
	c := &calling{
		rng: rand.New(rand.NewPCG(seed, 5)), now: time.Unix(1_000_000, 0), agent: newMachine("agent"), tool: newMachine("tool"),
		effects: map[string]int{}, mutant: m, deaths: 6,
	}
	c.tool.loses = m.noReceipts
	_, e := c.agent.part.Submit(event.Message{Header: event.Header{Type: event.TypeSubmit, Turn: "t", Session: "s"}}, c.now)
	starts := c.agent.take(e).Starts
	done := map[int]string{}
	for {
		var err error
		got := ""
		for n := 1; n <= 3 && err == nil && got != delivery.StepFailed; n++ {
			if got, err = c.ask(starts[0], n); err == nil {
				if was, again := done[n]; again && was != got {
					return fmt.Sprintf("call %d was first %s and then %s", n, was, got)
				}
				done[n] = got
			}
		}
		if err == nil {
			c.agent.take(c.agent.part.Complete(starts[0], delivery.Outcome{}, c.now))
			break
		}
		c.agent.restart(c.now)
		again, ok := c.agent.part.NextSuspect(false, c.now)
		if starts = c.agent.take(again).Starts; !ok || len(starts) != 1 {
			return "the turn does not run again"
		}
	}
	for id, n := range c.effects {
		if n > 1 {
			return fmt.Sprintf("%s took effect %d times", id, n)
		}
	}
	for n, got := range done {
		if id := fmt.Sprintf("t/agent/%d", n); got == event.TypeResult && c.effects[id] != 1 {
			return fmt.Sprintf("%s has a result and took effect %d times", id, c.effects[id])
		}
	}
	if _, ended, _ := c.agent.part.Await("t"); !ended {
		return "the turn has no END"
	}
	return ""
}

// TestT32CallsTakeEffectOnce: whoever of caller and callee dies, and when, a call changes the world at most once, and its
// caller is told of a result only when it did (R5).
func TestT32CallsTakeEffectOnce(t *testing.T) {
	t.Parallel()
	for seed := range uint64(schedules / 5) {
		if wrong := playCalls(seed, callMutant{}); wrong != "" {
			t.Fatalf("seed %d: %s", seed, wrong)
		}
	}
}

func TestT32CallsWithoutTheirRuleAreNoticed(t *testing.T) {
	t.Parallel()
	for _, m := range []callMutant{
		{name: "R5: a callee without receipts", noReceipts: true},
		{name: "R5: another id on each run", otherID: true},
		{name: "R5: an unknown outcome is repeated", repeatsDoom: true},
	} {
		t.Run(m.name, func(t *testing.T) {
			for seed := range uint64(300) {
				if playCalls(seed, m) != "" {
					return
				}
			}
			t.Error("300 schedules did not notice")
		})
	}
}

// killer plays one message that kills its process whenever it runs, among others that do not, until nothing is left to do.
// It returns how the turns ended, and false when there was no end.
func killer(blame bool) (ends map[string]event.Status, over bool) {
	m, now := newMachine("agent"), time.Unix(1_000_000, 0)
	ends = map[string]event.Status{}
	tell := func(e delivery.Effects) delivery.Effects {
		m.take(e)
		for i := range e.Ended {
			ends[e.Ended[i].Turn] = event.EndStatus(&e.Ended[i])
		}
		return e
	}
	var running []delivery.Job
	for i := range 5 {
		turn := fmt.Sprint("t", i)
		if i == 2 {
			turn = "killer"
		}
		_, e := m.part.Submit(event.Message{Header: event.Header{Type: event.TypeSubmit, Turn: turn, Session: turn}}, now)
		running = append(running, tell(e).Starts...)
	}
	for range 20 { // lives of the process
		dead := false
		work := func(jobs []delivery.Job) {
			for _, j := range jobs {
				dead = dead || j.Message.Turn == "killer"
			}
			for _, j := range jobs { // whoever runs beside a killer does not get to its end
				if !dead {
					tell(m.part.Complete(j, delivery.Outcome{}, now))
				}
			}
		}
		work(running)
		running = nil
		for !dead {
			e, ok := m.part.NextSuspect(blame, now)
			if !ok {
				break
			}
			work(tell(e).Starts)
		}
		if !dead {
			running = tell(m.part.Pump(now)).Starts
			work(running)
			running = nil
		}
		if len(ends) == 5 {
			return ends, true
		}
		m.part = delivery.New(m.cfg)
		for _, r := range m.disk {
			if err := m.part.Restore(r, now); err != nil {
				panic(err)
			}
		}
		tell(m.part.Recover(now))
	}
	return ends, false
}

// TestT32AKillerIsSetAsideAndNobodyElse (R6), and not without the rule: when nobody is blamed it kills for ever.
func TestT32AKillerIsSetAsideAndNobodyElse(t *testing.T) {
	t.Parallel()
	right := func(ends map[string]event.Status, over bool) bool {
		for turn, s := range ends {
			if (turn == "killer") != (s == event.StatusDead) {
				return false
			}
		}
		return over
	}
	if ends, over := killer(true); !right(ends, over) {
		t.Errorf("ends: %v, over: %v", ends, over)
	}
	if ends, over := killer(false); right(ends, over) {
		t.Errorf("nobody is blamed, and yet: %v", ends)
	}
}
