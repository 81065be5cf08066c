package e2e

import (
	"bufio"
	"io"
	"os"
	"strings"
	"testing"
)

// ww dev | head -1: when nobody reads the answers any more, the run ends in order and leaves nothing.
func TestAPipeThatNobodyReadsEndsTheRunInOrder(t *testing.T) {
	p := newProject(t, hello)
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	cmd := p.command("dev", "--ui=stream")
	var said buffer
	cmd.Stdout, cmd.Stderr = w, &said
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	_ = w.Close() // the child has it
	if _, err := io.WriteString(in, "one\n"); err != nil {
		t.Fatal(err)
	}
	if line, err := bufio.NewReader(r).ReadString('\n'); err != nil || line != "you said one\n" {
		t.Fatalf("%q, %v", line, err)
	}
	if err := r.Close(); err != nil {
		t.Fatal(err)
	}
	_, _ = io.WriteString(in, "two\n") // its stdin stays open: only the answer tells it
	err = cmd.Wait()
	if err != nil || !strings.Contains(said.String(), "0 processes left") {
		t.Errorf("%v\n%s", err, said.String())
	}
	p.nothing()
}
