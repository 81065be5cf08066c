package sdk

import "io"

// Test gives a component other ends than the standard ones.
func (c *Component) Test(in io.Reader, out io.Writer) { c.in, c.out = in, out }
