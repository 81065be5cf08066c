// Package localbus lets processes on one machine find and call each other over Unix sockets, with no broker in the
// middle.
package localbus
