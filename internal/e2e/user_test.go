package e2e

import (
	"syscall"
	"testing"
)

const withUserCode = `
you = input command_line { to: bot }
bot = custom process { command: ["sh", "bot.sh"] }
`

// bot leaves a process behind that has a session of its own and does not care about signals.
const bot = `
setsid sh -c 'trap "" TERM HUP INT; while :; do sleep 1000; done' &
echo '{"jsonrpc":"2.0","method":"ready"}'
while IFS= read -r line; do
    case $line in *'"method":"process"'*)
        id=${line#*'"id":'}
        echo '{"jsonrpc":"2.0","id":'"${id%%,*}"',"result":"from the shell"}' ;;
    esac
done
`

func newUserProject(t *testing.T) *project {
	t.Helper()
	p := newProject(t, withUserCode)
	p.write("bot.sh", bot)
	return p
}

// Nothing that user code started outlives its component, whoever of its keepers is killed.
func TestUserCodeLeavesNothingBehind(t *testing.T) {
	kills := map[string]func(p *project, dev *foreground, bot row){
		"nobody":         func(p *project, dev *foreground, _ row) { dev.signal(syscall.SIGTERM) },
		"the supervisor": func(p *project, dev *foreground, _ row) { dev.signal(syscall.SIGKILL) },
		"supervisor and runner": func(p *project, dev *foreground, bot row) {
			dev.signal(syscall.SIGKILL)
			p.kill(bot.PIDs.Runner, syscall.SIGKILL)
		},
		"supervisor and guard": func(p *project, dev *foreground, bot row) {
			dev.signal(syscall.SIGKILL)
			p.kill(bot.PIDs.Guard, syscall.SIGKILL)
		},
	}
	for name, do := range kills {
		t.Run(name, func(t *testing.T) {
			p := newUserProject(t)
			dev := p.dev("--trust")
			if got := p.must("chat", "hi"); got.out != "from the shell\n" {
				t.Errorf("answer %q", got.out)
			}
			b := p.ps()["bot"]
			if b.PIDs.Guard == 0 || b.PIDs.Child == 0 {
				t.Fatalf("ww ps does not show the processes of user code: %+v", b)
			}
			do(p, dev, b)
			p.nothing()
		})
	}
}

// A killed runner or guard is replaced, and the old user code is gone before the new one answers for long.
func TestUserCodeOfADeadRunnerGoes(t *testing.T) {
	p := newUserProject(t)
	p.must("dev", "-d", "--trust")
	for name, which := range map[string]func(row) []int{
		"runner":           func(r row) []int { return []int{r.PIDs.Runner} },
		"guard":            func(r row) []int { return []int{r.PIDs.Guard} },
		"user code":        func(r row) []int { return []int{r.PIDs.Child} },
		"runner and guard": func(r row) []int { return []int{r.PIDs.Runner, r.PIDs.Guard} },
	} {
		before := p.ps()["bot"]
		for _, pid := range which(before) {
			p.kill(pid, syscall.SIGKILL)
		}
		p.until(name+" is replaced", func() bool {
			now := p.ps()["bot"]
			return now.State == "ready" && now.PIDs.Child != before.PIDs.Child && now.PIDs.Child != 0
		})
		// Supervisor, three runners, guard, shell, the shell that it leaves behind and the sleep of that one.
		p.until(name+": the old user code is gone", func() bool { return len(p.alive()) == 8 })
		if got := p.must("chat", "hi"); got.out != "from the shell\n" {
			t.Errorf("%s: answer %q", name, got.out)
		}
	}
	p.must("down")
	p.nothing()
}
