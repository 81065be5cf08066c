package handover

import "errors"

// errNothing is for code: whoever was asked does not have this socket.
var errNothing = errors.New("no socket was given")
