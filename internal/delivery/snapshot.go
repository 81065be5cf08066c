package delivery

import (
	"cmp"
	"slices"

	"github.com/woodwork-lang/ww/internal/event"
)

// Snapshot is the partition as records: what a new segment begins with, so that the older ones can go. Restored into an
// empty partition they give the same partition, with what was running as suspects.
func (p *Partition) Snapshot() []Record {
	out := slices.Clone(p.letters)
	for _, m := range p.ledger.order {
		if end, ok := p.ledger.ends[m.turn]; ok {
			out = append(out, Record{Kind: End, Head: end})
		}
	}
	for _, t := range p.openTurns() {
		if p.work[key{turn: t.id}] == nil {
			out = append(out, p.passedOn(t)...)
		}
	}
	for _, s := range sortedKeys(p.queues, cmp.Compare[string]) {
		for _, it := range p.queues[s].items {
			out = append(out, p.itemRecords(it)...)
		}
	}
	out = append(out, p.receiptRecords()...)
	for _, k := range sortedKeys(p.out, compareOut) {
		out = append(out, p.out[k].checkpoint(k, p.now))
	}
	for _, k := range sortedKeys(p.in, compareIn) { // last: they say more than the INs above
		out = append(out, p.in[k].checkpoint(k))
	}
	return out
}

func (k *mark) checkpoint(in inKey) Record {
	at := func(l life) event.Message {
		return event.Message{Header: event.Header{Type: ckptIn, Source: in.source, Session: in.session, Base: l.base, Seq: l.hwm}}
	}
	r := Record{Kind: Ckpt, Head: at(k.life)}
	for _, l := range k.earlier {
		r.Msgs = append(r.Msgs, at(l))
	}
	return r
}

// passedOn is an open turn whose own hop is done: its TURN, and an OUT that carries the reports so far.
func (p *Partition) passedOn(t *turn) []Record {
	h := event.Header{Turn: t.id, Session: t.session}
	out := Record{Kind: Out, Head: event.Message{Header: h}}
	for _, m := range t.leaves {
		m.Base, m.Seq = "", 0
		out.Msgs = append(out.Msgs, m)
	}
	h.Chain, h.Origin, h.TTL = t.chain, p.cfg.Component, max(1, t.deadline.Sub(p.now).Milliseconds())
	return []Record{{Kind: Turn, Head: event.Message{Header: h}}, out}
}

func (p *Partition) itemRecords(it *item) []Record {
	m := it.msg
	m.Attempt = 0
	if !it.deadline.IsZero() {
		m.TTL = max(1, it.deadline.Sub(p.now).Milliseconds())
	}
	kind := In
	if it.key.turn != "" {
		kind = Turn
	}
	out := []Record{{Kind: kind, Head: m}}
	for range it.crashes {
		out = append(out, p.startRecord(it, StartCrashed))
	}
	if it.running || it.suspect {
		out = append(out, p.startRecord(it, StartNormal))
	}
	out = append(out, it.steps.records()...)
	if it.canceled {
		out = append(out, Record{Kind: Cancel, Head: event.Message{Header: event.Header{Turn: m.Turn, Session: m.Session}}})
	}
	return out
}

func sortedKeys[K comparable, V any](m map[K]V, compare func(a, b K) int) []K {
	keys := make([]K, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.SortFunc(keys, compare)
	return keys
}

func compareOut(a, b outKey) int {
	return cmp.Or(cmp.Compare(a.dest, b.dest), cmp.Compare(a.session, b.session))
}

func compareIn(a, b inKey) int {
	return cmp.Or(cmp.Compare(a.source, b.source), cmp.Compare(a.session, b.session))
}
