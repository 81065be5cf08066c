// Package localbus lets processes on one machine find and call each other over Unix sockets, with no broker in the
// middle.
//
// # Usage
//
// A process takes its seat with [Join], which takes the lease of its instance and opens its socket, and is found by
// others from [Peer.Announce] on. A client only dials: it has neither lease nor socket nor record.
//
//	dir, err := localbus.OpenRunDir(app)
//	p, err := localbus.Join(ctx, localbus.Options{Dir: dir, App: app, Component: "agent", Receiver: r})
//	err = p.Announce(localbus.Record{State: localbus.StateReady})
//	answer, err := p.Call(ctx, "llm", question, nil)
//
// What goes over the wire and lies in the run directory is described in docs/protocol.md.
//
// # What is promised
//
//  1. Chain messages sent through one [Peer.Link] to one instance arrive in the order of Send. Each gets exactly one
//     verdict, from another goroutine. A verdict Busy says that the fate of the message is unknown or that it was not
//     taken: the sender still has it, and sends it again. When a connection is lost the verdicts come in the order in
//     which the messages were sent.
//  2. All chain messages that one read of a connection brings are handed to Receiver.Accept together, and their ACKs
//     leave in one write.
//  3. A call ends with its answer, with its context, or with the connection, whichever is first. The death of the
//     callee ends it at once. A component that is not ready is waited for, five seconds at most.
//  4. Whoever sends never waits for a slow reader: Send, Cast, Publish, Push and Reply return at once. A reader that takes
//     no byte for five seconds is cut off. What may be lost is dropped oldest first, and the loss is counted.
//  5. No byte of another user's process is looked at.
//
// In short: nothing is lost in silence, nothing waits for a stranger.
//
// # Order
//
//  1. Chain messages of one session from one component to another are taken in the order in which they were numbered,
//     whatever happens to connections and processes on the way: a receiver takes number n+1 after n and nothing across
//     a gap.
//  2. Messages of different sessions are in no order to each other.
//  3. Calls are in no order to each other, nor to chain messages. The pieces of one answer come in order, before its end.
//  4. Events of one publisher come in order, with the number of those that were dropped in between.
//  5. A cancel travels behind its turn on the turn's own channel: it never arrives first.
//  6. A partition has one owner at a time, so a session has one place at each hop. When it moves, the new owner begins
//     with what the old one's journal says.
//
// # What survives which death
//
// The bus itself keeps nothing: what is on its way lies in the journals of both ends (internal/delivery has the rules, R1
// to R10). Whoever dies, and whenever:
//
//   - A client before it heard that its turn was accepted: there is no turn, or one that nobody awaits; asking again with
//     the same id finds it. After: it awaits the END, from any process, as often as it likes.
//   - The acceptor after TURN, before it said so: the turn runs when it is back. After OUT, before it was sent or SENT:
//     it is sent again, and who has it acknowledges it again. Before END: the report comes again. After END: await has it.
//   - A receiver before IN, or with half of one: the tail is cut, the sender sends again. After IN, before the ACK: its
//     marks are rebuilt from its INs, the message that comes again is acknowledged and nothing else.
//   - A receiver after START: the message runs again, alone when it may have been the reason; the steps that have a
//     result do not. After INTENT: the callee is asked under the same id and its receipt says what became of it. After
//     OUT: what it says is sent again, the handler does not run.
//   - A leaf before its report was acknowledged: reported again; the acceptor that has an END counts it as late.
//   - Both ends of a channel: the union of the above; neither needs the memory of the other.
//   - The owner of a partition while it gives it back: the kernel frees the lock, the next owner cuts the tail and reads.
//   - A new generation in its first two seconds: the one before it, which stands by, gets the partitions back.
//   - The supervisor: nothing within its grace, nothing at all for a detached app; the next one goes on from what is wanted.
//
// # What a Receiver may do
//
// Accept may wait for the disk and for nothing else; Call and Event must not wait at all. They run where the
// connection is read, one message after the other. All of them may send. A verdict's callback never comes inside Send, so a
// lock that is held during Send may be taken in the callback; it may come inside Call, which reads the connection.
//
// Push callbacks of Call and events of Subscribe run in the goroutine of the caller, which may take its time.
//
// # Who reads, who writes
//
// A message is written by whoever sends it, at once, together with whatever others have added meanwhile; only what the
// socket does not take is left to a goroutine. While a Receiver works on several messages, what it sends is collected
// and leaves in one write.
//
// A caller that waits for the only open answer of a connection reads the connection itself, in the kernel, for a few
// milliseconds; so does the reader of a connection that has just brought a message. At most two goroutines of a peer
// wait like this, and fewer than the process has processors. All others are parked by a poller, which only sees
// connections that nobody else reads. ACKs are taken along by whoever has just read a message; when there is nobody,
// the connection's own reader comes for them after a few milliseconds. Together this saves most of the switches between
// threads that a message would cost.
//
// # The registry
//
// [Peer.Registry] shows the run directory as the registry of bus.Registry. Registered is who has written a record; alive, and
// so in the registry, is who holds its lease; how it is, it says itself when it is asked by PING. There is nothing to
// expire and nothing to refresh: a registration ends with its process, whatever happens to that. A heartbeat still puts
// back a record that somebody has removed, and never one that was taken back. A watch is told by the directory that
// something has changed and finds out by looking; deaths it looks for again after 1, 10 and 100 ms.
//
// # Who knows that a peer is dead
//
// The kernel: a connection ends with its process, and so does the lease. See [Alive], [Gone], [Watch] and [Sweep].
package localbus
