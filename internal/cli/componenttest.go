package cli

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"time"

	"github.com/woodwork-lang/ww/internal/conform"
	"github.com/woodwork-lang/ww/internal/script"
	"github.com/woodwork-lang/ww/sdk/singlefile"
)

// tryOptions are what ww component test is told.
type tryOptions struct {
	IO
	Command  []string
	JSON     bool
	Config   string
	Env      []string
	Text     string
	Patience time.Duration
}

// tryComponent starts a component and says which promises it breaks.
func tryComponent(ctx context.Context, o tryOptions) error {
	var config map[string]any
	if o.Config != "" {
		if err := json.Unmarshal([]byte(o.Config), &config); err != nil {
			return usage("--config is not a JSON object: %w", err)
		}
	}
	env, err := o.environment()
	if err != nil {
		return err
	}
	dir, err := os.Getwd()
	if err != nil {
		return failed(err)
	}
	ctx, stop := signal.NotifyContext(ctx, os.Interrupt, syscall.SIGTERM)
	defer stop()
	tell := func(c conform.Check) { o.show(c) }
	if o.JSON {
		tell = func(conform.Check) {}
	}
	all := conform.Run(ctx, conform.Options{
		Command: script.Command{Argv: o.Command, Dir: dir, Env: script.Environment(env, strings.ToLower(rand.Text()[:12])), Stderr: o.Err},
		Config:  config, Text: o.Text, Patience: o.Patience,
	}, tell)
	if o.JSON {
		if err := writeJSON(o.Out, all); err != nil {
			return failed(err)
		}
	}
	if ctx.Err() != nil {
		return silent(exitInterrupted)
	}
	if !conform.Good(all) {
		return silent(exitFailed)
	}
	return nil
}

// environment are the variables that were named.
func (o tryOptions) environment() (map[string]string, error) {
	env := map[string]string{}
	for _, e := range o.Env {
		name, value, given := strings.Cut(e, "=")
		if !given {
			var ok bool
			if value, ok = o.IO.Env(name); !ok {
				return nil, usage("--env %s: there is no such variable here; write %s=VALUE", name, name)
			}
		}
		env[name] = value
	}
	return env, nil
}

// show prints a check as one line, and what was wrong below it.
func (o tryOptions) show(c conform.Check) {
	word := map[conform.Result]string{conform.OK: "ok  ", conform.Failed: "FAIL", conform.Skipped: "-   "}[c.Result]
	line := word + "  " + c.Promise
	if c.Note != "" {
		line += " (" + c.Note + ")"
	}
	if c.Result == conform.Skipped {
		fmt.Fprintln(o.Out, line+" ("+c.Problem+")")
		return
	}
	fmt.Fprintln(o.Out, line)
	for problem := range strings.Lines(c.Problem) {
		fmt.Fprintln(o.Out, "      "+strings.TrimRight(problem, "\n"))
	}
}

// printSDK prints the file for a language.
func printSDK(world IO, language string) error {
	f, err := singlefile.Find(language)
	if err != nil {
		return usage("%w", err)
	}
	text, err := f.Text()
	if err != nil {
		return failed(err)
	}
	_, err = world.Out.Write(text)
	return err
}
