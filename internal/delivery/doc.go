// Package delivery is the rules of delivery as pure machines: messages and records in, records and messages out.
//
// A [Partition] is one sixteenth of a component's inbox. It has no clock, no disk, no socket and no goroutine: whoever
// drives it appends the records of its [Effects] in one write, and only then does the rest of them. That makes a crash
// between any two steps a matter of which prefix of the records is read back by [Partition.Restore].
//
// # The rules
//
// R1 The acceptor owns the turn. A TURN is appended before a submit is answered; the first report (with branches: the
// completing one) becomes the one END; later reports are counted and never shown.
//
// R2 An inbox belongs to a partition, not to a process. [PartitionOf] names it; every component uses the same number.
//
// R3 A channel is a counted sequence without holes: (source component, destination component, session) with a random
// base and seq 1, 2, 3… The receiver takes hwm+1, acknowledges what it has, asks for what is missing ([bus.Expect]),
// and asks for a new base when it knows nothing of the old one ([bus.Rebase]).
//
// R4 IN before ACK; START before the handler; OUT, which holds the result and every outgoing message with its number,
// is the only commit of a hop; SENT after the next hop's ACK and may be lost.
//
// R6 Only proven guilt is blamed: a crash that the runner saw blames exactly its message; after a runner's own death
// its started messages are suspects that run alone first, and only a death while alone counts. Two counted deaths make
// a dead letter.
//
// # Ordering
//
//  1. Turns of one session start in the order in which their TURN or IN was appended.
//  2. A turn of a session starts when the one before it has its OUT.
//  3. Messages of one channel are delivered in the order of their seq, each once.
//  4. Between sessions there is no order.
package delivery
