// Package sched is how work that nobody waits for makes way for work that somebody waits for, in other processes, too. The kernel
// may keep a thread that was just woken behind such work although another processor has nothing to do, for as long as it goes on:
// a runner that encodes for half a millisecond was what one turn in a hundred had to wait for. So who works in the background gives
// way every few dozen microseconds.
package sched
