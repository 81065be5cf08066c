package main

import (
	"bufio"
	"encoding/json"
	"encoding/xml"
	"errors"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/hinshun/vt10x"
)

// TestThePicturesShowWhatTheScreenDoes runs the script as a person would: every screen comes, and the pictures in the
// repository have the tabs and the keys that the screens have now.
func TestThePicturesShowWhatTheScreenDoes(t *testing.T) {
	if testing.Short() {
		t.Skip("builds ww and talks to it for a quarter of a minute")
	}
	dir := t.TempDir()
	ww, err := build(t.Context(), dir)
	if err != nil {
		t.Fatal(err)
	}
	work := filepath.Join(dir, "weather")
	if err := os.Mkdir(work, 0o700); err != nil {
		t.Fatal(err)
	}
	out, err := play(t.Context(), ww, work, false)
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range out.pictures {
		kept, err := os.ReadFile(filepath.Join("..", "..", target, p.name+".svg"))
		if err != nil {
			t.Error(err)
			continue
		}
		wellFormed(t, p.name, p.svg)
		if now, then := shape(p.svg), shape(string(kept)); now != then {
			t.Errorf("%s is of another ww: go run ./internal/screenshots\nnow  %s\nthen %s", p.name, now, then)
		}
		if strings.Contains(p.svg, work) || strings.Contains(string(kept), "/tmp/") {
			t.Errorf("%s names a directory of this machine", p.name)
		}
	}
	for _, want := range []string{"stopped 5 of 5, 0 processes left. 4 turns, 4 answered.", "ww chat --session"} {
		if !strings.Contains(out.last, want) {
			t.Errorf("in the end the terminal has no %q:\n%s", want, out.last)
		}
	}
	if got := lastScreen(t, out.cast); !strings.Contains(got, "stopped 5 of 5") {
		t.Errorf("the recording does not end as the run did:\n%s", got)
	}
}

// shape is what of a picture does not change from run to run: the keys in its last line.
func shape(svg string) string {
	texts := regexp.MustCompile(`<text x="[\d.]+" y="([\d.]+)"[^>]*>([^<]*)</text>`).FindAllStringSubmatch(svg, -1)
	var keys []string
	for _, t := range texts {
		if len(texts) > 0 && t[1] == texts[len(texts)-1][1] {
			keys = append(keys, t[2])
		}
	}
	line := strings.Join(keys, " ")
	if strings.Contains(line, "main.ww") { // a message stands there for a while, and another one after it
		line = line[strings.LastIndex(line, "?"):]
	}
	return line
}

func wellFormed(t *testing.T, name, text string) {
	t.Helper()
	d := xml.NewDecoder(strings.NewReader(text))
	for {
		if _, err := d.Token(); errors.Is(err, io.EOF) {
			return
		} else if err != nil {
			t.Errorf("%s: %v", name, err)
			return
		}
	}
}

// lastScreen plays a recording to its end.
func lastScreen(t *testing.T, text string) string {
	t.Helper()
	screen := vt10x.New(vt10x.WithSize(columns, rows), vt10x.WithWriter(io.Discard))
	lines := bufio.NewScanner(strings.NewReader(text))
	lines.Buffer(nil, 1<<20)
	last := 0.0
	for n := 0; lines.Scan(); n++ {
		if n == 0 {
			continue
		}
		var at float64
		var kind, data string
		if err := json.Unmarshal(lines.Bytes(), &[]any{&at, &kind, &data}); err != nil || kind != "o" || at < last {
			t.Fatalf("line %d of the recording is wrong: %v %s", n, err, lines.Text())
		}
		last = at
		if _, err := screen.Write([]byte(data)); err != nil {
			t.Fatal(err)
		}
	}
	return screen.String()
}

func TestTheRecordingOfTheDocsCanBePlayed(t *testing.T) {
	text, err := os.ReadFile(filepath.Join("..", "..", target, "ww.cast"))
	if err != nil {
		t.Fatal(err)
	}
	if got := lastScreen(t, string(text)); !strings.Contains(got, "stopped 5 of 5") {
		t.Errorf("it ends with\n%s", got)
	}
}

func TestAPictureIsDrawnFromTheCells(t *testing.T) {
	screen := vt10x.New(vt10x.WithSize(20, 2), vt10x.WithWriter(io.Discard))
	if _, err := screen.Write([]byte("a <b> \x1b[1;31mred\x1b[0m \x1b[7mrev\x1b[0m\r\n\x1b[38;5;80m█\x1b[38;2;1;2;3m.")); err != nil {
		t.Fatal(err)
	}
	got := svg(screen, 20, 2, "a & b")
	wellFormed(t, "the picture", got)
	for _, want := range []string{
		`<title>a &amp; b</title>`, `>a &lt;b&gt;</text>`, `font-weight="bold">red</text>`, `fill="#d7dae0"/>`, `fill="#5fd7d7">█</text>`, `fill="#010203">.</text>`,
	} {
		if !strings.Contains(got, want) {
			t.Errorf("no %s in\n%s", want, got)
		}
	}
}
