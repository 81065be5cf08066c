package delivery

import "slices"

// ForgetMarks makes a receiver forget what it has: a mutant for the simulator.
func (p *Partition) ForgetMarks() { clear(p.in) }

// Disorder puts what waits behind the first of each session into another order: a mutant for the simulator.
func (p *Partition) Disorder() {
	for _, q := range p.queues {
		slices.Reverse(q.items[1:])
	}
}
