package cli

import (
	"errors"
	"strconv"

	"github.com/spf13/cobra"
)

// seed is the value of --seed: what chance begins with, in whatever takes one.
type seed struct{ n *uint32 }

// String implements pflag.Value.
func (s *seed) String() string {
	if s.n == nil {
		return ""
	}
	return strconv.FormatUint(uint64(*s.n), 10)
}

// Set implements pflag.Value.
func (s *seed) Set(text string) error {
	n, err := strconv.ParseUint(text, 10, 32)
	if err != nil {
		return errors.New("a seed is a number from 0 to 4294967295")
	}
	v := uint32(n)
	s.n = &v
	return nil
}

// Type implements pflag.Value.
func (s *seed) Type() string { return "N" }

func seedFlag(cmd *cobra.Command, s *seed, when string) {
	cmd.Flags().Var(s, "seed", when+"chance begins with this in Python files, programs and models that take a seed")
}
