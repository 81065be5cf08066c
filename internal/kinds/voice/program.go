package voice

import (
	"bytes"
	"context"
	"io"
	"os"
	"time"

	"github.com/woodwork-lang/ww/internal/component"
	"github.com/woodwork-lang/ww/internal/script"
)

// desktop are the variables by which programs find the sound of a desktop.
var desktop = [...]string{
	"XDG_RUNTIME_DIR", "PULSE_SERVER", "PIPEWIRE_REMOTE", "ALSA_CARD", "AUDIODEV", "AUDIODRIVER", "DBUS_SESSION_BUS_ADDRESS", "DISPLAY", "WAYLAND_DISPLAY",
}

// run runs a program with what it reads, and returns what it writes. It ends with ctx, and all that it started.
func run(ctx context.Context, env component.Env, argv []string, in []byte) ([]byte, error) {
	declared := map[string]string{}
	for _, name := range desktop {
		if v, ok := os.LookupEnv(name); ok {
			declared[name] = v
		}
	}
	tree, err := script.Start(script.Command{
		Argv: argv, Dir: env.Spec.App.Dir, Env: script.Environment(declared, env.Spec.App.Tag), Stderr: env.Stderr,
	})
	if err != nil {
		return nil, errProgram(err)
	}
	if env.Processes != nil {
		env.Processes(tree.Guard(), tree.Child(), []int{tree.Guard(), tree.Child()})
		defer env.Processes(0, 0, nil)
	}
	stop := context.AfterFunc(ctx, tree.Kill)
	defer stop()
	written := make(chan struct{})
	go func() {
		defer close(written)
		_, _ = tree.Stdin().Write(in) // one that does not read to the end has its reasons; its exit status tells
		_ = tree.Stdin().Close()
	}()
	var out bytes.Buffer
	read := make(chan struct{})
	go func() {
		defer close(read)
		_, _ = io.Copy(&out, io.LimitReader(tree.Stdout(), mostSound+1)) // its end is the end
		if out.Len() > mostSound {
			tree.Kill()
		}
	}()
	<-tree.Done()
	select { // what somebody still holds open is not waited for
	case <-read:
	case <-time.After(time.Second):
		_ = tree.Stdout().Close()
		<-read
	}
	_ = tree.Stdout().Close() // it was read
	<-written
	switch {
	case ctx.Err() != nil:
		return nil, context.Cause(ctx)
	case out.Len() > mostSound:
		return nil, errTooMuch(argv)
	case tree.Exit().Status() != 0:
		return nil, errEnded(argv, tree.Exit())
	}
	return out.Bytes(), nil
}
