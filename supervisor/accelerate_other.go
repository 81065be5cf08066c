//go:build !linux

package supervisor

// Accelerators are those of this system: groups, lifelines and marks have to do.
func Accelerators() []Accelerator {
	return []Accelerator{
		{"pidfd", false, "processes are looked at every 20 ms"},
		{"subreaper", false, "what left its group is found by its mark"},
		{"parent-death signal", false, "user code whose guard was killed is ended by its runner"},
		{"marks of processes", true, "what left its group is found by its environment"},
		{"cgroup v2", false, "there is none"},
	}
}
