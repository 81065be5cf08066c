package parser

// settle reports every key that a block gives again, and notes which pairs count when not all do.
func (r *reader) settle(b *Block) {
	if allCount(b.Pairs) {
		return
	}
	first := make(map[string]*Pair, len(b.Pairs))
	at := make(map[string]int, len(b.Pairs))
	kept := make([]*Pair, 0, len(b.Pairs))
	for _, p := range b.Pairs {
		key := p.Key.Name
		if before := first[key]; before != nil {
			r.report(duplicateKey(key, p.Key.Range, before.Key.Range))
		} else {
			first[key] = p
		}
		i, again := at[key]
		switch {
		case p.Value == nil:
		case again:
			kept[i] = p
		default:
			at[key] = len(kept)
			kept = append(kept, p)
		}
	}
	b.effective = kept
}

// allCount reports whether all of a few pairs count, as they nearly always do.
func allCount(pairs []*Pair) bool {
	const few = 12 // below this, comparing all with all is cheaper than a map
	if len(pairs) > few {
		return false
	}
	for i, p := range pairs {
		if p.Value == nil {
			return false
		}
		for _, q := range pairs[:i] {
			if p.Key.Name == q.Key.Name {
				return false
			}
		}
	}
	return true
}
