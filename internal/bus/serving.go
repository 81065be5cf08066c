package bus

import (
	"cmp"
	"slices"
)

// serving keeps those that new messages go to: of each component the usable ones of the newest generation.
func serving(list []ComponentInfo) []ComponentInfo {
	takes := func(c ComponentInfo) bool { return c.State.Usable() && !c.Standby }
	newest := map[string]int{}
	for _, c := range list {
		if takes(c) {
			newest[c.Name] = max(newest[c.Name], c.Generation)
		}
	}
	return slices.DeleteFunc(list, func(c ComponentInfo) bool { return !takes(c) || c.Generation != newest[c.Name] })
}

// owners keeps of each component the instance that a partition belongs to: the one that says that it holds it, and when
// none does, the one that will by its ordinal.
func owners(list []ComponentInfo, partition int) []ComponentInfo {
	byName := map[string][]ComponentInfo{}
	for _, c := range list {
		byName[c.Name] = append(byName[c.Name], c)
	}
	var out []ComponentInfo
	for _, same := range byName {
		out = append(out, ownerOf(same, partition))
	}
	return out
}

func ownerOf(same []ComponentInfo, partition int) ComponentInfo {
	ordinals := make([]int, len(same))
	for i, c := range same {
		if slices.Contains(c.SessionAffinity, partition) {
			return c
		}
		ordinals[i] = c.Ordinal
	}
	return same[Owner(partition, ordinals)]
}

// before is the order of what a registry returns.
func before(a, b ComponentInfo) int {
	return cmp.Or(cmp.Compare(a.Name, b.Name), cmp.Compare(a.Ordinal, b.Ordinal), cmp.Compare(a.ID, b.ID))
}
