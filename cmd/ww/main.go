// Command ww runs agent apps written in .ww files.
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
