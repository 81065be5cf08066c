// Command screenshots makes the pictures and the recording of the screen in docs/screens: it builds ww, runs an app in a terminal,
// types what scenes.go says, and draws what is there.
//
//	go run ./internal/screenshots
//
// Its test runs the same script, so that the pictures show what ww does.
package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
)

// target is where the pictures are, from the root of the repository.
const target = "docs/screens"

func main() {
	if err := run(context.Background()); err != nil {
		fmt.Fprintln(os.Stderr, "screenshots:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context) error {
	dir, err := os.MkdirTemp("", "ww-screens-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir) //nolint:errcheck // a temporary directory of ours
	ww, err := build(ctx, dir)
	if err != nil {
		return err
	}
	work := filepath.Join(dir, "weather")
	if err := os.Mkdir(work, 0o700); err != nil {
		return err
	}
	out, err := play(ctx, ww, work, true)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(target, 0o755); err != nil {
		return err
	}
	for _, p := range out.pictures {
		if err := os.WriteFile(filepath.Join(target, p.name+".svg"), []byte(p.svg), 0o644); err != nil {
			return err
		}
	}
	return os.WriteFile(filepath.Join(target, "ww.cast"), []byte(out.cast), 0o644)
}

// build compiles ww into a directory.
func build(ctx context.Context, dir string) (string, error) {
	ww := filepath.Join(dir, "ww")
	out, err := exec.CommandContext(ctx, "go", "build", "-o", ww, "github.com/woodwork-lang/ww/cmd/ww").CombinedOutput()
	if err != nil {
		return "", fmt.Errorf("go build: %w\n%s", err, out)
	}
	return ww, nil
}
