package project

import (
	"errors"
	"io"
	"strings"
	"testing"
)

// changing is a file with another text at every look, of which there are as many as texts; then it stays.
type changing struct {
	texts []string
	looks int
}

func (c *changing) ReadAt(p []byte, off int64) (int, error) {
	if off == 0 {
		c.looks++
	}
	return strings.NewReader(c.texts[min(c.looks, len(c.texts))-1]).ReadAt(p, off)
}

func TestATextCountsWhenASecondLookFindsTheSame(t *testing.T) {
	t.Parallel()
	if text, err := settledText(&changing{texts: []string{"half", "half a", "whole"}}, 0, 100); string(text) != "whole" || err != nil {
		t.Errorf("got %q, %v", text, err)
	}
	if text, err := settledText(&changing{texts: strings.Split("a b c d e f g h i j k l", " ")}, 0, 100); !errors.Is(err, errUnsettled) {
		t.Errorf("got %q, %v", text, err)
	}
	if text, err := settledText(&changing{texts: []string{strings.Repeat("x", 100)}}, 0, 10); len(text) != 10 || err != nil {
		t.Errorf("got %d bytes, %v", len(text), err)
	}
}

var _ io.ReaderAt = (*changing)(nil)
