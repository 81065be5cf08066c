package parser

// shelf hands out nodes of one type. It makes them many at a time, which takes half the time: a file has thousands, and
// they are dropped together.
type shelf[T any] struct {
	free []T
	size int
}

func (s *shelf[T]) take() *T {
	const first, most = 4, 128
	if len(s.free) == 0 {
		s.size = min(max(first, 2*s.size), most)
		s.free = make([]T, s.size)
	}
	n := &s.free[0]
	s.free = s.free[1:]
	return n
}

// shelves are the nodes that a tree has most of.
type shelves struct {
	blocks  shelf[Block]
	pairs   shelf[Pair]
	idents  shelf[Ident]
	strings shelf[String]
	words   shelf[Word]
}
