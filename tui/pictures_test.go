package tui

import (
	"slices"
	"strings"
	"time"

	"github.com/woodwork-lang/ww/internal/diag"
	"github.com/woodwork-lang/ww/internal/event"
	"github.com/woodwork-lang/ww/internal/state"
)

func component(name, kind string, pid int, w state.Word) state.Component {
	return state.Component{
		Name: name, Instance: name + "-k3q9", Kind: kind, State: w, PIDs: state.PIDs{Runner: pid}, Max: 10,
		SuccessRate: 1, HeartbeatAt: noon.Add(-time.Second), Generation: 7,
	}
}

func turn(id, text, answer string) state.Turn {
	t := state.Turn{ID: id, Session: "s-7f2a", Text: text, StartedAt: noon.Add(-4 * time.Second)}
	if answer != "" {
		t.End = &event.End{Turn: id, Status: event.StatusOK, Answer: answer, Hops: []event.Hop{{Component: "in"}, {Component: "brain"}}}
		t.EndedAt = noon.Add(-2 * time.Second)
	}
	return t
}

func pictures() map[string]state.State {
	base := state.State{App: "support-bot", Session: "s-7f2a", StartedAt: noon.Add(-192 * time.Second), Generation: 7, Ready: true, Supervisor: true, Dir: ".ww/1234abcd"}
	normal := base
	normal.Components = []state.Component{component("brain", "agent", 41207, state.Active), component("in", "input", 41203, state.Ready), component("out", "output", 41211, state.Ready)}
	running := turn("2", "and tomorrow?", "")
	running.Stream, running.Partial = "2/brain/1", "Tomorrow it is dry until"
	normal.Turns = []state.Turn{turn("1", "what is the weather in Paris?", "It is raining until four.\n\n- take an umbrella"), running}
	wrong := normal
	wrong.Supervisor, wrong.Stopping = false, true
	wrong.Faults = []state.Fault{{Do: "slow", Component: "brain", From: "in", By: 2 * time.Second, Until: noon.Add(28 * time.Second)}}
	failed := state.Component{Name: "notes", Kind: "memory", State: state.Failed, Restarts: 5, Reason: "exit status 1: no module named 'sqlite_vec'", LastLines: []string{"import sqlite_vec"}}
	silent := component("brain", "agent", 41207, state.Active)
	silent.HeartbeatAt = noon.Add(-time.Minute)
	wrong.Components = []state.Component{silent, component("in", "input", 0, state.Stopped), failed}
	lost := turn("3", "are you there?", "")
	lost.End = &event.End{Turn: "3", Status: event.StatusFailed, Error: "connection refused", Hops: []event.Hop{{Component: "brain", Error: "x"}}}
	lost.EndedAt = noon
	wrong.Turns = []state.Turn{lost}
	wrong.Diagnostics = diag.List{{Severity: diag.Error, Summary: `no component is called "brian"`, Span: diag.Span{File: "main.ww", Start: diag.Pos{Line: 14, Col: 9}}}, {Severity: diag.Warning}}
	long := normal
	long.App = strings.Repeat("an app with a long name ", 10)
	long.Components = []state.Component{component(strings.Repeat("component", 10), "knowledge_base", 4194304, state.Ready)}
	wide := normal
	wide.App = "日本語アプリ"
	wide.Components = []state.Component{component("脳", "agent", 41207, state.Active), component("入力入力入力", "input", 3, state.Ready)}
	wide.Turns = []state.Turn{turn("1", "パリの天気は? 👍🏽", "四時まで雨です。")}
	mixed := normal
	mixed.Components = append(slices.Clone(normal.Components), component("task_master", "task_master", 41213, state.Ready))
	mixed.Mode, mixed.ModeNote = "mixed", "brain goes by way of task_master: while it is away or slow, their turns wait; ww migrate --mode distributed shows the way out"
	return map[string]state.State{"mixed": mixed, "empty": {}, "normal": normal, "everything-wrong": wrong, "long-names": long, "wide-runes": wide}
}
