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
