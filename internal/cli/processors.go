package cli

import (
	"os"
	"runtime"
)

// oneMoreProcessor is for the goroutines of a runner that wait in the kernel for the next message (localbus): to Go's scheduler each
// holds a processor meanwhile. On two of them, what became ready then had to wait until something else of this process was done,
// which is what one turn in a hundred met; with two more than there are, nothing was better. Who says how many there are to be is believed; where there is only one, nobody waits in
// the kernel.
func oneMoreProcessor() {
	if n := runtime.GOMAXPROCS(0); n > 1 && os.Getenv("GOMAXPROCS") == "" {
		runtime.GOMAXPROCS(n + 1)
	}
}
