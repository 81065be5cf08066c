// Command ww runs agent apps written in .ww files.
//
// How many processors there are is asked once, at the start, and not whenever a process of an app wakes.
//
//go:debug updatemaxprocs=0
package main

import (
	"context"
	"os"

	"github.com/woodwork-lang/ww/internal/cli"
	"github.com/woodwork-lang/ww/internal/termguard"
)

func main() {
	termguard.Restore()
	os.Exit(cli.Main(context.Background(), cli.System(), os.Args[1:]))
}
