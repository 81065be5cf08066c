package kit

// Place is where a pane stands: what its frame says, how much room it has, and whether the keys go to it.
type Place struct {
	Title   string
	W, H    int // columns and rows, the frame included
	Focused bool
}
