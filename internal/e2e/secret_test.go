package e2e

import (
	"bytes"
	"encoding/base64"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

const withSecrets = `
you = input command_line { to: bot }
bot = custom process {
    command: ["sh", "bot.sh"],
    env: { SERVICE_TOKEN: $SERVICE_TOKEN },
    config: { api_key: "horse staple/battery+1" }
}
sad = custom process { command: ["sh", "sad.sh"] }
`

// The two secrets of the app: a property, and a variable whose name says so.
const (
	propertySecret = "horse staple/battery+1"
	variableSecret = "correct:horse?of&tokens"
)

func printed(secret string) []string {
	return []string{
		secret, url.QueryEscape(secret), url.PathEscape(secret),
		base64.StdEncoding.EncodeToString([]byte(secret)),
		base64.StdEncoding.EncodeToString([]byte("u:" + secret)),
		base64.URLEncoding.EncodeToString([]byte("user:" + secret + ":x")),
	}
}

// told is what of a secret must not be seen anywhere. In base64 with something around it that is all but its edges.
func told(secret string) [][]byte {
	var all [][]byte
	for _, form := range printed(secret) {
		all = append(all, []byte(strings.Trim(form, "=")))
	}
	return all
}

// No secret is in an argument, an environment that is not its owner's, a log, a record, or any other file of the app.
func TestT50NoSecretIsSeenAnywhere(t *testing.T) {
	p := newProject(t, withSecrets)
	p.write(".env", "SERVICE_TOKEN="+variableSecret+"\n")
	var script strings.Builder
	for _, form := range append(printed(propertySecret), printed(variableSecret)...) {
		script.WriteString("echo 'it is " + form + " here' >&2\n")
	}
	p.write("bot.sh", script.String()+bot)
	p.write("sad.sh", "echo 'no entry with "+variableSecret+"' >&2\nexit 3\n")
	dev := p.start("--trust")
	defer func() {
		p.must("down")
		p.nothing()
	}()
	p.until("it runs", func() bool { return p.ww("ps").status == 0 })
	p.until("one has died and one is ready", func() bool {
		now := p.ps()
		return now["sad"].Restarts > 0 && now["bot"].State == "ready"
	})
	p.must("chat", "hi")

	hidden := append(told(propertySecret), told(variableSecret)...)
	look := func(where string, text []byte) {
		for _, form := range hidden {
			if bytes.Contains(text, form) {
				t.Errorf("%s tells %q:\n%.2000s", where, form, text)
				return
			}
		}
	}
	for _, pid := range p.alive() {
		look("the command line of "+describe(pid), read(t, pid, "cmdline"))
		if bytes.HasPrefix(read(t, pid, "cmdline"), []byte("ww")) { // the user code was given one of them on purpose
			look("the environment of "+describe(pid), read(t, pid, "environ"))
		}
	}
	look("what ww dev says", []byte(dev.said()))
	looked := 0
	for _, root := range []string{filepath.Join(p.dir, ".ww"), p.run, filepath.Join(p.dir, ".local")} {
		err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
			if err != nil || !d.Type().IsRegular() {
				return nil // a file that has gone meanwhile tells nothing
			}
			b, err := os.ReadFile(path)
			looked++
			look(path, b)
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	if looked < 5 {
		t.Errorf("only %d files were looked at", looked)
	}
	for _, args := range [][]string{{"ps"}, {"ps", "--json"}, {"logs"}, {"logs", "--json"}} {
		r := p.must(args...)
		look("ww "+strings.Join(args, " "), []byte(r.out+r.err))
	}
	logs := p.must("logs", "bot").out
	if n := strings.Count(logs, "it is "); n != 12 || strings.Count(logs, "••••") != n {
		t.Errorf("%d lines of the log, with %d secrets hidden, want 12 of both:\n%s", n, strings.Count(logs, "••••"), logs)
	}
}

func read(t *testing.T, pid int, what string) []byte {
	t.Helper()
	b, err := os.ReadFile(filepath.Join("/proc", strconv.Itoa(pid), what))
	if err != nil {
		return nil // it has ended
	}
	return b
}
