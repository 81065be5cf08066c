package bus

import "reflect"

// Seen is what a watcher has been told. Backends that learn of changes by looking again use it.
type Seen struct{ last map[string]ComponentInfo }

// Changes compares what is with what was told last, and counts as told what it returns: those that are gone first, then
// those that are new or have changed. Vitals are left out of the comparison.
func (s *Seen) Changes(now []ComponentInfo) []Change {
	var out []Change
	is := make(map[string]ComponentInfo, len(now))
	for _, c := range now {
		is[c.ID] = c
	}
	for id, was := range s.last {
		if _, there := is[id]; !there {
			out = append(out, Change{Gone: true, Info: was})
		}
	}
	for _, c := range now {
		if was, known := s.last[c.ID]; !known || !sameLife(was, c) {
			out = append(out, Change{Info: c})
		}
	}
	s.last = is
	return out
}

func sameLife(a, b ComponentInfo) bool {
	a.Vitals, a.LastHeartbeat, a.RegisteredAt = b.Vitals, b.LastHeartbeat, b.RegisteredAt
	return reflect.DeepEqual(a, b)
}
