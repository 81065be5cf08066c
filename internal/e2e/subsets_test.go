package e2e

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io/fs"
	"math/bits"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/woodwork-lang/ww/internal/event"
)

// example is one of examples/ and what it is asked.
type example struct {
	dir   string
	needs string // a program, besides ww
	turns []string
	all   bool // every subset is tried in every run of the tests
}

func examples() []example {
	return []example{
		{dir: "hello", turns: []string{"hello", "my name is Ada", "something else"}, all: true},
		{dir: "agent", turns: []string{"clean up the attic", "break"}},
		{dir: "modes", turns: []string{"hours", "where are you?"}, all: true},
		{dir: "memory", turns: []string{"I am Ada", "who am I?", "again"}},
		{dir: "two_agents", turns: []string{"where is Moby Dick?", `call librarian {"action": "call shelf {\"title\": \"Emma\"}"}`}},
		{dir: "knowledge", turns: []string{"when is breakfast served?", "may my dog come?", "wake me tomorrow", "seven o'clock"}},
		{dir: "functions", needs: "python3", turns: []string{"what is there?", "buy 5 apples", "how many apples are there?", "buy 50 pears", `call shop.in_stock {"fruit": "nut"}`}},
		{dir: "hooks", needs: "python3", turns: []string{`   call   desk.open_drawer {"number": 2}`, "call desk.audited {}", "hello    there"}},
		{dir: "mcp", needs: "python3", turns: []string{"what did I note?", "note buy milk", "what did I note?", "how do notes work?", "call notes.remove {}"}},
		{dir: "web", needs: "python3", turns: []string{"how many apples are there?", "buy 5 apples", "how many apples are there?", "buy 50 pears", `call pages.hours {"day": "Sunday"}`}},
		{dir: "custom_python", needs: "python3", turns: []string{"how warm is it in Oslo?", "it is 30 in Oslo", "how warm is it in Oslo?", "call weather.snow {}"}},
		{dir: "custom_node", needs: "node", turns: []string{"a cat", "two dogs"}},
		{dir: "custom_go", needs: "go", turns: []string{"throw three dice", `call dice.throw {"dice": 101}`}},
	}
}

// hurried makes the scripts of the examples quick: what they wait for is not what is tried here.
var hurried = strings.NewReplacer(" 2s", " 5ms", " 1s", " 5ms", " 500ms", " 5ms")

// Whatever part of an example is centralized, the answers, the chains and their order are the same; only the way differs.
// Of the larger examples every run tries each component, all but each and all; -tags soak every subset of every one.
func TestEverySubsetOfComponentsMayBeCentralized(t *testing.T) {
	known := map[string]bool{}
	for _, ex := range examples() {
		known[ex.dir] = true
		t.Run(ex.dir, ex.subsets)
	}
	dirs, err := os.ReadDir(filepath.Join("..", "..", "examples"))
	if err != nil {
		t.Fatal(err)
	}
	for _, d := range dirs {
		if d.IsDir() && !known[d.Name()] {
			t.Errorf("examples/%s is not tried", d.Name())
		}
	}
}

func (ex example) subsets(t *testing.T) {
	needs(t, ex.needs)
	b, err := os.ReadFile(filepath.Join("..", "..", "examples", ex.dir, "main.ww"))
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, m := range head.FindAllStringSubmatch(string(b), -1) {
		names = append(names, m[1])
	}
	want := ex.run(t, string(b), nil)
	if len(want) == 0 {
		t.Fatal("no turn was answered")
	}
	for _, end := range want {
		if chain, byWay := (chatted{Hops: end.Hops}).chain(); byWay > 0 || len(chain) < 2 && end.Status == event.StatusOK {
			t.Fatalf("distributed: %+v", end)
		}
	}
	for subset := range 1 << len(names) {
		one := bits.OnesCount(uint(subset))
		if one == 0 || !ex.all && !everySubset && one != 1 && one < len(names)-1 {
			continue
		}
		which := map[string]bool{}
		var said []string
		for i, name := range names {
			if subset&(1<<i) != 0 {
				which[name] = true
				said = append(said, name)
			}
		}
		t.Run(strings.Join(said, "+"), func(t *testing.T) {
			t.Parallel()
			same(t, want, ex.run(t, string(b), which), which)
		})
	}
}

// needs skips a test where a program is missing; where everything has to be there it fails.
func needs(t *testing.T, program string) {
	t.Helper()
	if program == "" {
		return
	}
	if _, err := exec.LookPath(program); err != nil {
		if os.Getenv("WW_REQUIRE") == "all" {
			t.Fatal("this test needs " + program)
		}
		t.Skip("needs " + program)
	}
}

// same compares the turns of an app of which some components are centralized with those of a distributed one.
func same(t *testing.T, want, got []event.End, which map[string]bool) {
	t.Helper()
	if len(got) != len(want) {
		t.Fatalf("%d turns, want %d", len(got), len(want))
	}
	for i, w := range want {
		g := got[i]
		plain, _ := (chatted{Hops: w.Hops}).chain()
		chain, byWay := (chatted{Hops: g.Hops}).chain()
		if g.Answer != w.Answer || g.Status != w.Status || g.Error != w.Error || !slices.Equal(chain, plain) {
			t.Errorf("turn %d: %s %q %s through %v, want %s %q %s through %v", i+1, g.Status, g.Answer, g.Error, chain, w.Status, w.Answer, w.Error, plain)
		}
		hops := 0
		for j := 1; j < len(plain); j++ {
			if which[plain[j-1]] || which[plain[j]] {
				hops++
			}
		}
		if byWay != hops {
			t.Errorf("turn %d: %d hops went by way of the task master, want %d of %v", i+1, byWay, hops, plain)
		}
	}
}

// run asks an example its turns, one after the other in one session, and returns how they ended, in the order of their ends.
func (ex example) run(t *testing.T, source string, which map[string]bool) []event.End {
	t.Helper()
	p := ex.project(t)
	p.write("main.ww", centralize(source, which))
	ends := p.asked(ex.turns...)
	p.verified()
	return ends
}

// project is a copy of an example.
func (ex example) project(t *testing.T) *project {
	t.Helper()
	needs(t, ex.needs)
	p := newProject(t, "")
	dir := filepath.Join("..", "..", "examples", ex.dir)
	p.copy(dir)
	switch ex.dir {
	case "custom_go":
		if out, err := exec.Command("go", "build", "-C", dir, "-o", filepath.Join(p.dir, "dice"), ".").CombinedOutput(); err != nil {
			t.Fatalf("%v: %s", err, out)
		}
	case "web":
		p.env = append(p.env, "SHOP_URL="+p.shop())
	}
	return p
}

// asked runs an app, asks it turns in one session and returns how they ended.
func (p *project) asked(turns ...string) (ends []event.End) {
	p.t.Helper()
	cmd := p.command("dev", "--offline", "--trust", "--ui=json", "main.ww")
	cmd.Stdin = strings.NewReader(strings.Join(turns, "\n") + "\n")
	var errs buffer
	cmd.Stderr = &errs
	out, err := cmd.Output()
	for line := range strings.Lines(string(out)) {
		var e struct {
			Event string
			End   event.End
		}
		if err := json.Unmarshal([]byte(line), &e); err != nil {
			p.t.Fatalf("%v: %s", err, line)
		}
		if e.Event == "turn_ended" {
			ends = append(ends, e.End)
		}
	}
	if err != nil && (len(ends) == 0 || cmd.ProcessState.ExitCode() != 1) { // 1: a turn failed, as some are to
		p.t.Fatalf("%v\n%s", err, errs.String())
	}
	p.nothing()
	return ends
}

// copy copies a directory into the project.
func (p *project) copy(dir string) {
	p.t.Helper()
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || path == dir {
			return err
		}
		to, rerr := filepath.Rel(dir, path)
		switch {
		case rerr != nil:
			return rerr
		case strings.HasPrefix(d.Name(), ".") && d.IsDir():
			return fs.SkipDir
		case d.IsDir():
			return os.MkdirAll(filepath.Join(p.dir, to), 0o700)
		}
		b, err := os.ReadFile(path)
		if err == nil && filepath.Ext(to) == ".script" {
			b = []byte(hurried.Replace(string(b)))
		}
		if err == nil {
			p.write(to, string(b))
		}
		return err
	})
	if err != nil {
		p.t.Fatal(err)
	}
}

// shop starts the server of examples/web until the test ends, and returns where it is.
func (p *project) shop() string {
	p.t.Helper()
	cmd := exec.CommandContext(p.t.Context(), "python3", "server.py")
	cmd.Dir, cmd.Env = os.TempDir(), append(os.Environ(), "PYTHONUNBUFFERED=1")
	cmd.Args[1] = filepath.Join(p.dir, "server.py")
	out, err := cmd.StdoutPipe()
	if err != nil {
		p.t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		p.t.Fatal(err)
	}
	p.t.Cleanup(func() { _ = cmd.Wait() }) // killed when the test's context ended
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		p.t.Fatal(fmt.Errorf("server.py says nothing: %w", err))
	}
	return strings.TrimSpace(line)
}
