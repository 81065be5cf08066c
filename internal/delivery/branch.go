package delivery

import (
	"cmp"
	"slices"
	"strconv"
	"strings"
)

// childBranch is the path of the i-th of n next hops. A hop with one target adds nothing, so that a chain without
// fan-out has the empty path.
func childBranch(parent string, i, n int) string {
	if n < 2 {
		return parent
	}
	step := strconv.Itoa(i) + "/" + strconv.Itoa(n)
	if parent == "" {
		return step
	}
	return parent + "." + step
}

// complete reports whether the leaves with these paths are all the leaves of a tree (R10).
func complete(paths []string) bool {
	if slices.Contains(paths, "") {
		return true
	}
	children := map[int][]string{}
	n := 0
	for _, p := range paths {
		step, rest, _ := strings.Cut(p, ".")
		i, of, ok := parseStep(step)
		if !ok {
			return false
		}
		if n = of; n > len(paths) {
			return false // every child has a leaf at least: this is known before all are looked at
		}
		children[i] = append(children[i], rest)
	}
	for i := range n {
		if sub, ok := children[i]; !ok || !complete(sub) {
			return false
		}
	}
	return n > 0
}

func parseStep(s string) (i, n int, ok bool) {
	a, b, found := strings.Cut(s, "/")
	i, err1 := strconv.Atoi(a)
	n, err2 := strconv.Atoi(b)
	return i, n, found && err1 == nil && err2 == nil && i >= 0 && i < n
}

// compareBranches orders leaves as their targets stand in to:.
func compareBranches(a, b string) int {
	as, bs := strings.Split(a, "."), strings.Split(b, ".")
	for k := range min(len(as), len(bs)) {
		i, _, _ := parseStep(as[k])
		j, _, _ := parseStep(bs[k])
		if i != j {
			return cmp.Compare(i, j)
		}
	}
	return cmp.Compare(len(as), len(bs))
}
