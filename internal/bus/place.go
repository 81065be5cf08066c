package bus

// Partitions is how many parts an inbox has. It is written into every app's state and never changes.
const Partitions = 16

// The constants of FNV-1a with 32 bits.
const (
	fnvOffset = 2166136261
	fnvPrime  = 16777619
)

// PartitionOf names the partition of a session, the same one at every component.
func PartitionOf(session string) int {
	h := uint32(fnvOffset)
	for i := range len(session) {
		h = (h ^ uint32(session[i])) * fnvPrime
	}
	return int(h % Partitions)
}

// Owner says which of the instances with these ordinals owns a partition, by its index: rendezvous hashing, so that
// an instance that comes or goes moves only the partitions it takes or had. Never by load: a session has one place.
func Owner(partition int, ordinals []int) int {
	best, bestHash := 0, uint32(0)
	for i, o := range ordinals {
		if h := mix(uint32(partition)<<16 ^ uint32(o)); i == 0 || h > bestHash {
			best, bestHash = i, h
		}
	}
	return best
}

// mix spreads the bits of x (the finalizer of MurmurHash3).
func mix(x uint32) uint32 {
	x ^= x >> 16
	x *= 0x85ebca6b
	x ^= x >> 13
	x *= 0xc2b2ae35
	return x ^ x>>16
}
