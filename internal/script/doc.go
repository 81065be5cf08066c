// Package script runs code in other languages: whole components that speak JSON-RPC on their stdin and stdout, behind
// a guard that leaves no process of theirs alive.
//
// # Who owns what
//
//	runner ── lifeline ──▶ guard ──▶ user code ──▶ whatever it starts
//	   ▲────── status ──────┘
//
// The runner starts the guard with [Start]. The guard, the body of `ww guard` ([RunGuard]), starts the user code in a
// process group of its own and adopts every process below it that loses its parent. It ends when the user code ends, or
// when the lifeline closes, which the kernel does when the runner dies; before it goes it kills what is left, until
// nothing is. The kernel also kills the user code itself when the guard dies (Linux); the rest of its tree then falls
// to the runner, which sweeps it in its turn, for [Subreaper] made it the next to adopt.
//
// So any one of runner and guard may be killed at any time and nothing stays behind. When both are killed at once the
// direct child dies with them; what it started with a session of its own is found by the variable [TagVariable] in its
// environment by whoever cleans up after the app. On systems other than Linux there is no adoption: there the group of
// the user code is killed, and processes that left it are found by that variable only.
//
// # The protocol
//
// [Worker] speaks it; docs/reference/process.md describes it for the people at the other end.
package script
