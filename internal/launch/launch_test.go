package launch_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/woodwork-lang/ww/internal/launch"
)

func TestADeclarationSaysHowItsServerIsStarted(t *testing.T) {
	t.Parallel()
	github := launch.Server{URL: "https://api.githubcopilot.com/mcp/", Headers: map[string]string{"Authorization": "Bearer {GITHUB_TOKEN}"}}
	for name, c := range map[string]struct {
		config map[string]any
		want   launch.Server
	}{
		"a command":        {map[string]any{"command": []any{"node", "s.js"}, "args": []any{"-v", 3.0}}, launch.Server{Argv: []string{"node", "s.js", "-v", "3"}}},
		"npm":              {map[string]any{"server": "npm:@a/b"}, launch.Server{Argv: []string{"npx", "-y", "@a/b"}, Version: "latest"}},
		"npm of a version": {map[string]any{"server": "npm:@a/b", "version": "1.2", "args": []any{"."}}, launch.Server{Argv: []string{"npx", "-y", "@a/b@1.2", "."}, Version: "1.2"}},
		"npm that has one": {map[string]any{"server": "npm:@a/b@2", "version": "1.2"}, launch.Server{Argv: []string{"npx", "-y", "@a/b@2"}, Version: "1.2"}},
		"pypi":             {map[string]any{"server": "pypi:mcp-server-time", "version": "3"}, launch.Server{Argv: []string{"uvx", "mcp-server-time@3"}, Version: "3"}},
		"a Python module":  {map[string]any{"server": "python:my.server"}, launch.Server{Argv: []string{"py", "-m", "my.server"}, Version: "latest"}},
		"an image":         {map[string]any{"server": "docker:ghcr.io/a/b", "version": "1"}, launch.Server{Argv: []string{"docker", "run", "-i", "--rm", "ghcr.io/a/b:1"}, Version: "1"}},
		"an address":       {map[string]any{"url": "http://localhost:1/mcp"}, launch.Server{URL: "http://localhost:1/mcp"}},
		"GitHub of old":    {map[string]any{"server": "github/mcp-server"}, github},
		"GitHub":           {map[string]any{"server": "io.github.github/mcp-server"}, github},
		"an id":            {map[string]any{"server": "com.example/thing"}, launch.Server{ID: "com.example/thing", Version: "latest"}},
	} {
		if d := cmp.Diff(c.want, launch.Of(c.config, "py")); d != "" {
			t.Errorf("%s (-want +got):\n%s", name, d)
		}
	}
}

func TestWhatIsStartedIsAskedAbout(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		config map[string]any
		want   []string
	}{
		{map[string]any{"server": "npm:x"}, []string{"npx", "-y", "x"}},
		{map[string]any{"server": "a/b"}, []string{"mcp-registry", "a/b", "latest"}},
		{map[string]any{"server": "github/mcp-server"}, nil},
		{map[string]any{"url": "http://localhost"}, nil},
	} {
		if d := cmp.Diff(c.want, launch.Of(c.config, "py").Asked()); d != "" {
			t.Errorf("%v (-want +got):\n%s", c.config, d)
		}
	}
}
