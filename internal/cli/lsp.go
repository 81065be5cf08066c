package cli

import (
	"context"
	"fmt"
	"os/signal"
	"strings"
	"syscall"

	"github.com/spf13/cobra"

	"github.com/woodwork-lang/ww/internal/lsp"
)

func lspCmd(world IO) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "lsp",
		Short: "Serve an editor: problems, completion, definitions and renaming in .ww files",
		Long: `Speaks the Language Server Protocol on standard input and output; editors start it themselves. What VS Code and Neovim
need is in the directory editors of the sources. Exit status: 0 when the editor said goodbye, else 1.`,
		GroupID: groupWrite,
		Args:    noArgs,
		RunE:    func(cmd *cobra.Command, _ []string) error { return runLSP(cmd.Context(), world) },
	}
	cmd.Flags().Bool("stdio", true, "standard input and output; there is no other way")
	_ = cmd.Flags().MarkHidden("stdio") // many clients say it unasked
	return cmd
}

func runLSP(ctx context.Context, world IO) error {
	ctx, stop := signal.NotifyContext(ctx, syscall.SIGTERM, syscall.SIGINT)
	defer stop()
	if isTerminal(world.In) {
		fmt.Fprintln(world.Err, "ww lsp speaks with an editor, which starts it; ctrl+c ends it. See: ww help lsp")
	}
	var names []string
	for _, pair := range world.Environ {
		name, _, _ := strings.Cut(pair, "=")
		names = append(names, name)
	}
	err := lsp.Serve(ctx, world.In, world.Out, lsp.Options{
		Env: world.Env, Names: names, Version: thisVersion().Version, Log: world.Err,
	})
	switch {
	case ctx.Err() != nil:
		return silent(exitInterrupted)
	case err != nil:
		return failed(err)
	}
	return nil
}
