package e2e

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"

	"github.com/woodwork-lang/ww/internal/event"
)

const spinning = `
you = input command_line { to: bot }
bot = custom process { command: ["sh", "spin.sh"], LIMIT }
`

// spin keeps a processor busy from its first turn on, which it answers first.
const spin = `
echo '{"jsonrpc":"2.0","method":"ready"}'
while IFS= read -r line; do
    case $line in *'"method":"process"'*)
        id=${line#*'"id":'}
        echo '{"jsonrpc":"2.0","id":'"${id%%,*}"',"result":"here"}'
        test -e calm || { : > spins; while :; do :; done; } ;;
    esac
done
`

// A component that works and gives no sign of life is busy, and no hang. Where the file says how long that may be, it is
// ended and started again.
func TestASilentComponentIsReplacedWhenItsTimeIsOver(t *testing.T) {
	t.Parallel()
	for key, reason := range map[string]string{
		"component_timeout": "dead: no answer for",
		"component_ttl":     "its lease has ended: no answer for",
	} {
		t.Run(key, func(t *testing.T) {
			t.Parallel()
			p := newProject(t, strings.Replace(spinning, "LIMIT", key+`: "1s"`, 1))
			p.write("spin.sh", spin)
			p.timing = "hang=500ms" // which it is not: it works
			p.must("dev", "-d", "--trust")
			c := p.client("you")
			before := c.ready("bot")
			c.start("s", "spin").ended(t, event.StatusOK)
			p.until("it spins", func() bool { _, err := os.Stat(filepath.Join(p.dir, "spins")); return err == nil }) // it answered before
			p.write("calm", "")
			p.kill(before, syscall.SIGSTOP) // the runner: its child works on
			p.until("another bot", func() bool { r := p.ps()["bot"]; return r.State == "ready" && r.PIDs.Runner != before })
			c.start("s", "again").ended(t, event.StatusOK)
			p.noted("ww", reason)
			if got := p.must("ps", "bot").out; !strings.Contains(got, reason) {
				t.Errorf("ww ps does not tell the reason:\n%s", got)
			}
			p.must("down")
			p.nothing()
			p.verified()
		})
	}
}

var pidField = regexp.MustCompile(`"pid":\d+`)

// What somebody who joined by himself has left behind is removed while the app runs, also where a pid in it is that of
// somebody else by now; who lives keeps everything.
func TestWhatTheDeadHaveLeftIsSweptNowAndThen(t *testing.T) {
	t.Parallel()
	p := newProject(t, "cleanup_interval = \"100ms\"\n"+hello)
	p.must("dev", "-d")
	place := filepath.Dir(one(t, filepath.Join(p.run, "*", "i", "brain-*.json")))
	mine := one(t, filepath.Join(place, "brain-*.json"))
	b, err := os.ReadFile(mine)
	if err != nil {
		t.Fatal(err)
	}
	name := strings.TrimSuffix(filepath.Base(mine), ".json")
	for inst, pid := range map[string]string{"init-aaaa": "1", "self-bbbb": "2147483647"} {
		r := strings.Replace(string(b), `"`+name+`"`, `"`+inst+`"`, 1)
		r = pidField.ReplaceAllString(r, `"pid":`+pid)
		for ext, text := range map[string]string{".json": r, ".lock": "", ".s": ""} {
			if err := os.WriteFile(filepath.Join(place, inst+ext), []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
		}
	}
	p.until("they are gone", func() bool {
		left, err := filepath.Glob(filepath.Join(place, "*-[ab][ab][ab][ab].*"))
		return err == nil && len(left) == 0
	})
	if got := p.must("chat", "hi").out; got != "you said hi\n" {
		t.Errorf("answer %q", got)
	}
	p.must("down")
	p.nothing()
}

// What only the supervisor wants to know counts after the save, and nobody is replaced for it.
func TestASavedRestartPolicyReplacesNobody(t *testing.T) {
	t.Parallel()
	source := func(how string) string {
		return strings.Replace(fragile, "helper.sh\"]", "helper.sh\"], "+how, 1)
	}
	p := newProject(t, source("restart: always"))
	p.write("helper.sh", fragileScript)
	p.must("dev", "-d", "--trust")
	before := p.pids()
	p.write("main.ww", source(`restart: never, hang_after: "20s"`))
	r, got := p.reload()
	if got.status != 0 {
		t.Fatalf("status %d: %s%s", got.status, got.out, got.err)
	}
	p.noted("ww", "(changed: hang_after, restart)")
	for name, pid := range p.pids() {
		if pid != before[name] {
			t.Errorf("%s was replaced: %+v", name, r)
		}
	}
	p.write("broken", "")
	p.kill(p.ps()["helper"].PIDs.Child, syscall.SIGKILL)
	p.until("helper is not started again", func() bool { return p.ps()["helper"].State == "failed" })
	if err := os.Remove(filepath.Join(p.dir, "broken")); err != nil {
		t.Fatal(err)
	}
	p.write("main.ww", source("restart: on-failure"))
	p.until("a new policy is a new try", func() bool { return p.ps()["helper"].State == "ready" })
	p.must("down")
	p.nothing()
}
