package canvas

import (
	"strings"
	"testing"
	"time"

	"github.com/hinshun/vt10x"
)

// shown is what a terminal of 12×4 shows.
type shown struct {
	vt10x.Terminal

	said []string
}

func (s *shown) Write(p []byte) (int, error) {
	s.said = append(s.said, string(p))
	return s.Terminal.Write(p)
}

func terminal() (*Canvas, *shown) {
	s := &shown{Terminal: vt10x.New(vt10x.WithSize(12, 4))}
	return New(s), s
}

func (s *shown) lines() string {
	var all []string
	for l := range strings.SplitSeq(strings.TrimRight(s.String(), "\n"), "\n") {
		all = append(all, strings.TrimRight(l, " "))
	}
	return strings.TrimRight(strings.Join(all, "\n"), "\n")
}

func mustWrite(t *testing.T, c *Canvas, text string) {
	t.Helper()
	if _, err := c.Output().Write([]byte(text)); err != nil {
		t.Fatal(err)
	}
}

func draw(t *testing.T, c *Canvas, frame string) {
	t.Helper()
	if err := c.Draw(frame, 12, 4); err != nil {
		t.Fatal(err)
	}
}

func TestAFrameIsDrawnOnceAndThenOnlyItsChangedLines(t *testing.T) {
	t.Parallel()
	c, s := terminal()
	mustWrite(t, c, altOn)
	draw(t, c, "one\ntwo\nthree\nfour")
	if got, want := s.lines(), "one\ntwo\nthree\nfour"; got != want {
		t.Fatalf("the screen is %q, want %q", got, want)
	}
	before := len(s.said)
	draw(t, c, "one\ntwo\nthree\nfour")
	if len(s.said) != before {
		t.Fatalf("the same frame again wrote %q", s.said[before:])
	}
	draw(t, c, "one\n2\nthree\nfour")
	if got, want := s.lines(), "one\n2\nthree\nfour"; got != want {
		t.Fatalf("the screen is %q, want %q", got, want)
	}
	if last := s.said[len(s.said)-1]; strings.Contains(last, "one") || strings.Contains(last, "three") {
		t.Fatalf("a changed line was drawn with its neighbours: %q", last)
	}
	draw(t, c, "one")
	if got := s.lines(); got != "one" {
		t.Fatalf("a shorter frame left %q", got)
	}
	draw(t, c, "a line of more columns\nx")
	if got, want := s.lines(), "a line of mo\nx"; got != want {
		t.Fatalf("the screen is %q, want %q", got, want)
	}
}

func TestTheEmptyFramesOfTheLibraryDoNotTouchTheScreen(t *testing.T) {
	t.Parallel()
	c, s := terminal()
	mustWrite(t, c, altOn)
	draw(t, c, "one\ntwo")
	mustWrite(t, c, "\x1b[H\r"+Aside+"\x1b[K\x1b[1;1H")
	if got, want := s.lines(), "one\ntwo"; got != want {
		t.Fatalf("the screen is %q, want %q", got, want)
	}
}

func TestPlainLinesThatWaitAreNotLostWithAnEmptyFrame(t *testing.T) {
	t.Parallel()
	c, s := terminal()
	mustWrite(t, c, "printed\r\n"+Aside)
	if got := s.lines(); got != "printed" {
		t.Fatalf("the screen is %q", got)
	}
}

func TestNothingIsDrawnWhileTheScreenIsOff(t *testing.T) {
	t.Parallel()
	c, s := terminal()
	draw(t, c, "early")
	mustWrite(t, c, altOn)
	mustWrite(t, c, altOff)
	draw(t, c, "late")
	if got := s.lines(); got != "" {
		t.Fatalf("the screen is %q", got)
	}
}

func TestAfterAnotherWriterAFrameIsDrawnWhole(t *testing.T) {
	t.Parallel()
	for name, disturb := range map[string]func(*Canvas){
		"the library": func(c *Canvas) { mustWrite(t, c, "\x1b[2Jx") },
		"a new size":  func(c *Canvas) { c.Forget() },
	} {
		c, s := terminal()
		mustWrite(t, c, altOn)
		draw(t, c, "one\ntwo")
		disturb(c)
		draw(t, c, "one\ntwo")
		if last := s.said[len(s.said)-1]; !strings.Contains(last, "one") || !strings.Contains(last, "two") || s.lines() != "one\ntwo" {
			t.Errorf("%s: drawn %q, the screen is %q", name, last, s.lines())
		}
	}
}

func TestAKeyIsSeenAtOnceAndAFloodTenTimesASecond(t *testing.T) {
	t.Parallel()
	at := time.Unix(1000, 0)
	var p Pace
	frames, alarm := 0, time.Time{}
	step := func(h Haste) bool {
		draw, wait := false, time.Duration(0)
		p, draw, wait = p.Changed(h, at)
		if wait > 0 {
			alarm = at.Add(wait)
		}
		if draw {
			frames++
		}
		return draw
	}
	for range 1000 { // a second of a change every millisecond
		at = at.Add(time.Millisecond)
		step(Soon)
		if !alarm.IsZero() && !at.Before(alarm) {
			due := false
			if p, due = p.Due(at); due {
				frames++
			}
			alarm = time.Time{}
		}
	}
	if frames < 10 || frames > 11 {
		t.Errorf("a flood of a second was drawn in %d frames, want 10", frames)
	}
	at = at.Add(20 * time.Millisecond)
	if !step(Now) {
		t.Error("a key in the middle of a flood was not drawn at once")
	}
	at = at.Add(time.Millisecond)
	if step(Now) {
		t.Error("a second key was drawn sooner than a sixtieth of a second after the first")
	}
	if wait := alarm.Sub(at); wait <= 0 || wait > time.Second/60 {
		t.Errorf("the second key waits for %s", wait)
	}
	at = alarm
	if _, due := p.Due(at); !due {
		t.Error("the second key was never drawn")
	}
}

func TestWhatIsNotWaitedForIsDrawnWithTheNextChange(t *testing.T) {
	t.Parallel()
	at := time.Unix(1000, 0)
	p, draw, wait := Pace{}.Changed(Later, at)
	if draw || wait != 0 {
		t.Errorf("an age was drawn by itself: %v, %s", draw, wait)
	}
	if _, draw, _ = p.Changed(Soon, at); !draw {
		t.Error("the next change was not drawn")
	}
}

func TestAnAlarmThatAKeyHasOvertakenDrawsNothing(t *testing.T) {
	t.Parallel()
	at := time.Unix(1000, 0)
	p, _, _ := Pace{}.Changed(Now, at)
	p, _, wait := p.Changed(Soon, at.Add(time.Millisecond))
	p, draw, _ := p.Changed(Now, at.Add(50*time.Millisecond))
	if !draw {
		t.Fatal("the key was not drawn")
	}
	if _, due := p.Due(at.Add(time.Millisecond + wait)); due {
		t.Error("the alarm drew the same again")
	}
}
