package delivery

// ForgetMarks makes a receiver forget what it has: a mutant for the simulator.
func (p *Partition) ForgetMarks() { clear(p.in) }
