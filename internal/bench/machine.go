package bench

import (
	"os"
	"runtime"
	"strconv"
	"strings"
)

// describe says what the machine is; what it does meanwhile is added by watchMachine.
func describe() Machine {
	m := Machine{OS: runtime.GOOS, Arch: runtime.GOARCH, CPUs: runtime.NumCPU(), Go: runtime.Version()}
	if b, err := os.ReadFile("/proc/sys/kernel/osrelease"); err == nil {
		m.Kernel = strings.TrimSpace(string(b))
	}
	if b, err := os.ReadFile("/proc/cpuinfo"); err == nil {
		for line := range strings.Lines(string(b)) {
			if name, model, ok := strings.Cut(line, ":"); ok && strings.TrimSpace(name) == "model name" {
				m.Model = strings.TrimSpace(model)
				break
			}
		}
	}
	return m
}

// watchMachine describes the machine; the function it returns completes the description at the end of the run.
func watchMachine() func() Machine {
	m := describe()
	m.LoadBefore = load()
	steal, total := cpuTicks()
	return func() Machine {
		m.LoadAfter = load()
		steal2, total2 := cpuTicks()
		if total2 > total {
			m.StealPercent = 100 * float64(steal2-steal) / float64(total2-total)
		}
		return m
	}
}

// load is the load average of the last minute; 0 where the system does not say.
func load() float64 {
	b, err := os.ReadFile("/proc/loadavg")
	if err != nil {
		return 0
	}
	first, _, _ := strings.Cut(string(b), " ")
	v, err := strconv.ParseFloat(first, 64)
	if err != nil {
		return 0
	}
	return v
}

// cpuTicks are the ticks that a hypervisor took from us, and all ticks.
func cpuTicks() (steal, total uint64) {
	b, err := os.ReadFile("/proc/stat")
	if err != nil {
		return 0, 0
	}
	line, _, _ := strings.Cut(string(b), "\n")
	const stealField, lastField = 8, 8
	for i, f := range strings.Fields(line) {
		v, err := strconv.ParseUint(f, 10, 64)
		if err != nil || i > lastField {
			continue
		}
		total += v
		if i == stealField {
			steal = v
		}
	}
	return steal, total
}
