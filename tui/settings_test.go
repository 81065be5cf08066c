package tui

import (
	"errors"
	"strings"
	"testing"
)

func TestASettingThatMeansNothingIsTold(t *testing.T) {
	t.Parallel()
	tests := []struct {
		env  map[string]string
		keys error
		want []string // in the complaint; none: there is none
	}{
		{env: map[string]string{}},
		{env: map[string]string{"WW_THEME": "contrast", "WW_MOUSE": "on", "WW_MOTION": "off"}},
		{env: map[string]string{"WW_THEME": "solarized"}, want: []string{`WW_THEME is "solarized", which means nothing: it may be light, dark or contrast`}},
		{env: map[string]string{"WW_MOTION": "0"}, keys: errors.New("no such action"), want: []string{"WW_MOTION", "on or off", "no such action"}},
	}
	for _, tt := range tests {
		got := Options{Getenv: func(k string) string { return tt.env[k] }}.wrong(tt.keys)
		if len(tt.want) == 0 && got != "" {
			t.Errorf("%v: %q", tt.env, got)
		}
		for _, w := range tt.want {
			if !strings.Contains(got, w) {
				t.Errorf("%v: %q does not say %q", tt.env, got, w)
			}
		}
	}
}

func TestLinksAreOpenedByTerminalsThatCan(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		env  string
		want bool
	}{
		{"TERM=xterm-256color", false},
		{"TERM=xterm-256color VTE_VERSION=6800", true},
		{"TERM=xterm-256color VTE_VERSION=4205", false},
		{"TERM=xterm-256color TERM_PROGRAM=WezTerm", true},
		{"TERM=tmux-256color TERM_PROGRAM=WezTerm", false},
		{"TERM=xterm-kitty", true},
		{"TERM=xterm-kitty WW_LINKS=off", false},
		{"TERM=tmux-256color WW_LINKS=on", true},
		{"TERM=dumb WW_LINKS=on", false},
		{"TERM=linux VTE_VERSION=6800", false},
	} {
		get := func(k string) string {
			for kv := range strings.FieldsSeq(tt.env) {
				if v, found := strings.CutPrefix(kv, k+"="); found {
					return v
				}
			}
			return ""
		}
		if got := (Options{Getenv: get}).links(); got != tt.want {
			t.Errorf("%s: %v", tt.env, got)
		}
	}
}
