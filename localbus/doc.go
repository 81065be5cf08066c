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
// milliseconds; so does the reader of a connection that has just brought a message. One goroutine of a process may wait
// like this. All others are parked by a poller, which only sees connections that nobody else reads. ACKs are taken
// along by whoever has just read a message; when there is nobody, the connection's own reader comes for them after a
// few milliseconds. Together this saves most of the switches between threads that a message would cost.
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
