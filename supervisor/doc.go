// Package supervisor starts, watches, restarts and stops OS processes.
//
// Policy and mechanism are apart. Policy is one goroutine, [Supervisor.Run], that owns all state: every method is a
// message to it, and what it knows leaves as [Event] values. Mechanism is a [Starter] that turns a [Spec] into a
// [Process]: a process group, a way to signal it, and two things to wait for: the end of its leader, and the end of
// everything it left behind. [OS] is the real one; tests use a literal.
//
// # The life of a process
//
//	          start     spawned   ready   crash    giveUp  stop      gone
//	pending   .         starting  .       backoff  failed   stopping  .
//	starting  .         .         ready   backoff  failed   stopping  .
//	ready     .         .         .       backoff  failed   stopping  .
//	backoff   pending   .         .       .        .        stopping  .
//	stopping  .         .         .       .        .        .         exited
//	exited    pending   .         .       .        .        .         .
//	failed    pending   .         .       .        .        stopping  .
//
// "Gone" is more than the end of the leader: no member of its group is alive (a zombie is not alive), nor any process
// that carries the mark of this start in its environment. Until then stopping stays stopping, and a restart waits.
//
// # What happens after a death nobody asked for
//
// Crash 1 to 4 restart after 0.1, 0.5, 1 and 2 s. The fifth without 30 s of READY in between is failed: it is left
// alone until Start or Restart. With [Policy.Always] there is no such end and delays go on 4, 8, 15, 30, 60 s. Exit
// status 0 is a crash too, unless the process announced its end ([Supervisor.Ending]). SIGKILL or SIGTERM from
// outside, without an out-of-memory mark, restarts after 0.1 s and is not counted: whoever typed kill knows what
// happened. Exit status 78, 126 and 127 (wrong configuration, not executable, not found) and a file that cannot be
// executed are failed at once, because another try cannot help; the reason says what would. With [Policy.Never] every
// death is the end. When several names die within two seconds, the restarts of the later ones are spread ([Options.Wave]).
//
// # What a child gets
//
// Its own session and process group; descriptor 3 with its configuration and 4 with the read end of a pipe that
// reports end of file when the supervisor is gone; stdout and stderr on a file, so that a dead supervisor does not
// turn its next line into SIGPIPE; an empty stdin; WW_TAG in its environment, by which strays are found. It has to
// pass WW_TAG on to what it starts.
//
// # What makes sure that nothing stays
//
// Process groups, the adoption of orphans (Linux), lifelines and marks are enough, each where the one before does not
// reach. Where the system lets us have them, a cgroup of its own for every start is ended by one write besides, and
// holds what has left everything else; the death signal of the kernel is used where a process must not outlive its
// parent. [Accelerators] tells what this system has. docs/reference/edge.md lists what systems do that one would not
// expect, and which test holds the answer.
package supervisor
