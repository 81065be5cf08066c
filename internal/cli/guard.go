package cli

import (
	"github.com/spf13/cobra"

	"github.com/woodwork-lang/ww/internal/script"
)

func guardCmd() *cobra.Command {
	return &cobra.Command{
		Use:    "guard",
		Short:  "Stand between a component and its user code; ww component starts these",
		Hidden: true,
		Args:   noArgs,
		RunE:   func(*cobra.Command, []string) error { return silentUnlessOK(script.RunGuard()) },
	}
}
