package bus

import (
	"hash/fnv"
	"strconv"
	"testing"
)

func TestPartitionIsFNV(t *testing.T) {
	for i := range 1000 {
		s := "session-" + strconv.Itoa(i)
		h := fnv.New32a()
		h.Write([]byte(s))
		if got, want := PartitionOf(s), int(h.Sum32()%Partitions); got != want {
			t.Fatalf("PartitionOf(%q) = %d, want %d", s, got, want)
		}
	}
}

func TestOwnerMovesOnlyWhatItMust(t *testing.T) {
	for n := 1; n < 12; n++ {
		few, more := ordinals(n), ordinals(n+1)
		for p := range Partitions {
			a, b := few[Owner(p, few)], more[Owner(p, more)]
			if a != b && b != n {
				t.Errorf("partition %d moved from %d to %d when %d came", p, a, b, n)
			}
		}
	}
}

func TestOwnerDoesNotDependOnTheOrder(t *testing.T) {
	for p := range Partitions {
		a, b := []int{0, 1, 2, 3}, []int{3, 1, 0, 2}
		if a[Owner(p, a)] != b[Owner(p, b)] {
			t.Errorf("partition %d has two owners", p)
		}
	}
}

func TestEveryInstanceOwnsSomething(t *testing.T) {
	for n := 1; n <= 4; n++ {
		owned := map[int]int{}
		for p := range Partitions {
			owned[Owner(p, ordinals(n))]++
		}
		if len(owned) != n {
			t.Errorf("of %d instances %d own a partition: %v", n, len(owned), owned)
		}
	}
}

func ordinals(n int) []int {
	all := make([]int, n)
	for i := range all {
		all[i] = i
	}
	return all
}
