package main

import (
	"context"
	"embed"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"
)

// The size of the terminal.
const (
	columns = 120
	rows    = 32
)

// step is one thing that the script does. What is empty is not done.
type step struct {
	save  string   // a text that takes the place of main.ww
	press string   // keys
	until []string // what the screen must have then
	shot  string   // the name of the picture that is taken
	title string   // what the picture shows
	rest  time.Duration
}

const (
	enter = "\r"
	esc   = "\x1b"
	down  = "\x1b[B"
	ctrlT = "\x14"
	ctrlP = "\x10"
)

// broken is an app with a mistake in it.
const broken = `you = input command_line {
    to: brian
}

brain = agent scripted {
    script: "brain.script"
    tools: [weather, notes]
    to: screen
}

weather = custom scripted {
    script: "weather.script"
}

notes = custom scripted {
    script: "notes.script"
    fallback: "nothing is noted"
    breaker: { failure_threshold: 2, recovery_timeout: "45s" }
}

screen = output console {}
`

// script shows what the screen of ww dev can do, from the first question to the end.
var script = [...]step{
	{until: []string{"is ready", "5 ready"}},
	{press: "do I need an umbrella in Paris?" + enter, until: []string{"nothing is noted.", "by fallback"}},
	{press: ctrlT, until: []string{"rain until four", "asked"}, shot: "chat", title: "The fleet and a conversation: tool calls unfolded, with what was asked, answered and how long it took", rest: time.Second},
	{press: ctrlT + "and tomorrow?" + enter, until: []string{"Tomorrow it is dry"}},
	{press: "and tomorrow?" + enter, until: []string{"turn 3", "1 breaker open"}},
	{press: esc + "2", until: []string{"2 chains", "by fallback"}},
	{press: down + down + enter + down + down, until: []string{"brain asked weather"}, shot: "chains", title: "A turn as a waterfall: its hops, and below each the calls that it made", rest: time.Second},
	{press: esc + "m", until: []string{"messages of turn", "rain until four"}, shot: "messages", title: "The messages of a turn", rest: time.Second},
	{press: esc + "3", until: []string{"notes", "next try"}, shot: "breakers", title: "The circuit breakers of every way, and when they try again", rest: time.Second},
	{press: "4", until: []string{"asked for today"}},
	{press: "/disk" + enter, until: []string{"match"}, shot: "logs", title: "The logs of all components, searched on everything on disk", rest: time.Second},
	{press: esc + "6", until: []string{"6 graph", "/min"}, shot: "graph", title: "The graph: how often something goes along every way, and what went wrong", rest: time.Second},
	{press: ctrlP + "slow weather down" + enter, until: []string{"practice fault: slow weather by 2s"}},
	{press: "1and tomorrow?" + enter, until: []string{"running"}, shot: "fault", title: "A practice fault: the weather is slow for half a minute, and a banner says so", rest: 3 * time.Second},
	{until: []string{"turn 4"}, press: ctrlP + "end all" + enter},
	{save: broken, until: []string{`no component named "brian"`}},
	{press: esc + "7", until: []string{"^^^^^", "version 1 keeps running"}, shot: "config", title: "A broken save changes nothing, and shows what is wrong and where", rest: time.Second},
	{press: ctrlP, until: []string{"what to do", "session: begin a new one"}, shot: "palette", title: "Everything that can be done", rest: time.Second},
	{press: esc + esc + "q"},
}

// picture is one screen of the script.
type picture struct{ name, svg string }

// played is what a run of the script gave.
type played struct {
	pictures []picture
	cast     string
	last     string // the normal screen, when everything is over
}

//go:embed app
var app embed.FS

// play runs the script with this ww in an empty directory, with pauses for those who watch its recording or without.
func play(ctx context.Context, ww, dir string, pauses bool) (out played, err error) {
	if err := spread(dir); err != nil {
		return out, err
	}
	t, err := open(ctx, dir, []string{ww, "dev", "main.ww", "--trust", "--offline"}, columns, rows)
	if err != nil {
		return out, err
	}
	defer func() {
		if err != nil {
			_ = t.press("\x03\x03") // it was said what is wrong
			_ = t.close()
		}
	}()
	for i, s := range script {
		if !pauses {
			s.rest = 0
		}
		shot, err := t.step(ctx, dir, s)
		if err != nil {
			return out, fmt.Errorf("step %d: %w", i+1, err)
		}
		if s.shot != "" {
			out.pictures = append(out.pictures, picture{s.shot, shot})
		}
	}
	if err := t.close(); err != nil {
		return out, err
	}
	out.cast, out.last = cast(t.tape.all(), columns, rows), t.screen.String()
	return out, nil
}

func (t *terminal) step(ctx context.Context, dir string, s step) (shot string, err error) {
	if s.save != "" {
		if err := os.WriteFile(filepath.Join(dir, "main.ww"), []byte(s.save), 0o600); err != nil {
			return "", err
		}
	}
	if err := t.press(s.press); err != nil {
		return "", err
	}
	if err := t.until(s.until...); err != nil {
		return "", err
	}
	if s.shot != "" {
		<-time.After(10 * between) // the rest of the frame
		t.screen.Lock()
		shot = svg(t.screen, t.w, t.h, s.title)
		t.screen.Unlock()
	}
	select {
	case <-time.After(s.rest):
	case <-ctx.Done():
		return "", ctx.Err()
	}
	return shot, nil
}

// spread writes the app into a directory.
func spread(dir string) error {
	return fs.WalkDir(app, "app", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		b, err := app.ReadFile(path)
		if err != nil {
			return err
		}
		return os.WriteFile(filepath.Join(dir, d.Name()), b, 0o600)
	})
}
