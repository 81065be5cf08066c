package watch

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/fsnotify/fsnotify"
	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// patience is how long a change may take on a busy machine.
const patience = 20 * time.Second

type watched struct {
	*Watcher
	t   *testing.T
	dir string
}

// over watches names in a directory of its own.
func over(t *testing.T, o Options, names ...string) watched {
	t.Helper()
	dir, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	w := watched{New(o), t, dir}
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan struct{})
	go func() {
		w.Run(ctx)
		close(ended)
	}()
	t.Cleanup(func() {
		cancel()
		<-ended
	})
	w.follow(names...)
	return w
}

func (w watched) follow(names ...string) {
	paths := make([]string, len(names))
	for i, n := range names {
		paths[i] = filepath.Join(w.dir, n)
	}
	w.Follow(paths)
}

func (w watched) write(name, text string) {
	w.t.Helper()
	path := filepath.Join(w.dir, name)
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		w.t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		w.t.Fatal(err)
	}
}

// replace writes as editors do: a new file takes the name of the old one.
func (w watched) replace(name, text string) {
	w.t.Helper()
	w.write(name+"~", text)
	if err := os.Rename(filepath.Join(w.dir, name+"~"), filepath.Join(w.dir, name)); err != nil {
		w.t.Fatal(err)
	}
}

// expect waits for one set.
func (w watched) expect(names ...string) {
	w.t.Helper()
	select {
	case got := <-w.Changes():
		for i := range got {
			got[i], _ = filepath.Rel(w.dir, got[i])
		}
		if !slices.Equal(got, names) {
			w.t.Errorf("changed %q, want %q", got, names)
		}
	case <-time.After(patience):
		w.t.Fatalf("never told of %q", names)
	}
}

// quiet: a change of something else comes, and nothing before it.
func (w watched) quiet() {
	w.t.Helper()
	w.write("mark", fmt.Sprint(time.Now().UnixNano()))
	w.expect("mark")
}

func TestASaveIsToldHoweverItIsWritten(t *testing.T) {
	t.Parallel()
	w := over(t, Options{}, "a", "mark")
	w.write("a", "1")
	w.expect("a")
	w.replace("a", "2")
	w.expect("a")
	w.replace("a", "3") // the name is another file now: it is still watched
	w.expect("a")
	if err := os.Remove(filepath.Join(w.dir, "a")); err != nil {
		t.Fatal(err)
	}
	w.expect("a")
	w.write("b", "not followed")
	w.quiet()
}

func TestTheSameContentIsNoChange(t *testing.T) {
	t.Parallel()
	w := over(t, Options{}, "a", "mark")
	w.write("a", "1")
	w.expect("a")
	w.write("a", "1")
	w.replace("a", "1")
	w.quiet()
}

func TestABurstIsOneChange(t *testing.T) {
	t.Parallel()
	w := over(t, Options{Settle: 200 * time.Millisecond}, "a", "b", "mark")
	for n := range 50 {
		w.write("a", fmt.Sprint(n))
		w.replace("b", fmt.Sprint(n))
	}
	w.expect("a", "b")
	w.quiet()
}

func TestSetsThatNobodyTookAreMerged(t *testing.T) {
	t.Parallel()
	w := over(t, Options{Settle: time.Millisecond}, "a", "b", "mark")
	w.write("a", "1")
	time.Sleep(100 * time.Millisecond) //nolint:forbidigo // most likely told by then; either way the set is the same
	w.write("b", "1")
	deadline := time.After(patience)
	seen := map[string]bool{}
	for len(seen) < 2 {
		select {
		case set := <-w.Changes():
			for _, path := range set {
				seen[filepath.Base(path)] = true
			}
		case <-deadline:
			t.Fatalf("told of %v", seen)
		}
	}
}

func TestAFileMayComeWithItsFolder(t *testing.T) {
	t.Parallel()
	w := over(t, Options{}, "new/deep/a", "mark")
	w.write("new/deep/a", "1")
	w.expect("new/deep/a")
	w.write("new/deep/a", "2")
	w.expect("new/deep/a")
}

func TestADirectoryIsFollowedWithWhatIsInIt(t *testing.T) {
	t.Parallel()
	w := over(t, Options{}, "mark")
	w.write("p/one", "1")
	w.write("p/.gitignore", "*.tmp\nout/\n")
	w.follow("p", "mark")
	w.write("p/one", "2")
	w.expect("p/one")
	w.write("p/sub/two", "1") // a folder that is new
	w.expect("p/sub/two")
	w.write("p/sub/two", "2")
	w.expect("p/sub/two")
	w.write("p/x.tmp", "1")
	w.write("p/out/log", "1")
	w.write("p/.git/HEAD", "1")
	w.quiet()
}

func TestWhatIsFollowedAnewIsNoChange(t *testing.T) {
	t.Parallel()
	w := over(t, Options{}, "mark")
	w.write("a", "1")
	w.follow("a", "mark")
	w.quiet()
	w.write("a", "2")
	w.expect("a")
}

// T47: where the system does not tell of changes, they are found all the same, and it is said once.
func TestT47WithoutTheSystemsHelpFilesAreLookedAt(t *testing.T) {
	t.Parallel()
	var warned atomic.Int32
	none := func() (*fsnotify.Watcher, error) { return nil, syscall.EMFILE }
	w := over(t, Options{Poll: 20 * time.Millisecond, open: none, Warn: func(text string) {
		warned.Add(1)
		if !strings.Contains(text, "too many open files") {
			t.Errorf("it says %q", text)
		}
	}}, "a", "mark")
	w.write("a", "1")
	w.expect("a")
	w.replace("a", "2")
	w.expect("a")
	if n := warned.Load(); n != 1 {
		t.Errorf("said %d times", n)
	}
}

// T47: a file beside the ones that are followed, which is written all the time, is not listened to all the time. A save is
// found meanwhile, and afterwards.
func TestT47WhatIsWrittenAllTheTimeIsNotListenedTo(t *testing.T) {
	t.Parallel()
	opened := make(chan struct{}, 1000)
	open := func() (*fsnotify.Watcher, error) {
		opened <- struct{}{}
		return fsnotify.NewWatcher()
	}
	w := over(t, Options{Settle: 5 * time.Millisecond, calm: 50 * time.Millisecond, open: open}, "a", "mark")
	<-opened
	stop, stopped := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(stopped)
		for n := 0; ; n++ {
			select {
			case <-stop:
				return
			default:
				w.write(fmt.Sprint("beside", n%7), fmt.Sprint(n)) // the same one twice is one event
			}
		}
	}()
	<-opened // again, after a while of looking
	w.write("a", "1")
	w.expect("a")
	<-opened
	close(stop)
	<-stopped
	w.write("a", "2")
	w.expect("a")
}

// T47: on a file system of another machine the system tells only of what this one has written.
func TestT47FilesOfAnotherMachineAreLookedAt(t *testing.T) {
	t.Parallel()
	var warned atomic.Int32
	w := over(t, Options{Poll: 20 * time.Millisecond, silent: func(string) string { return "9p" }, Warn: func(text string) {
		warned.Add(1)
		if !strings.Contains(text, "is on 9p, where others may write") {
			t.Errorf("it says %q", text)
		}
	}}, "a")
	w.write("a", "1")
	w.expect("a")
	if n := warned.Load(); n != 1 {
		t.Errorf("said %d times", n)
	}
}

// T47: what was lost when the system could not keep up is found by a look at everything.
func TestT47AnOverflowIsALookAtEverything(t *testing.T) {
	t.Parallel()
	n, err := fsnotify.NewWatcher()
	if err != nil {
		t.Skip("needs inotify: ", err)
	}
	w := over(t, Options{open: func() (*fsnotify.Watcher, error) { return n, nil }}, "a")
	for _, dir := range n.WatchList() { // nothing is told any more
		if err := n.Remove(dir); err != nil {
			t.Fatal(err)
		}
	}
	w.write("a", "1")
	n.Errors <- fmt.Errorf("queue: %w", fsnotify.ErrEventOverflow)
	w.expect("a")
	if errors.Is(err, fsnotify.ErrClosed) {
		t.Error("it gave up")
	}
}

func TestIgnoreRules(t *testing.T) {
	t.Parallel()
	tests := []struct {
		rule, path string
		dir, want  bool
	}{
		{"*.log", "a.log", false, true},
		{"*.log", "deep/a.log", false, true},
		{"/a.log", "deep/a.log", false, false},
		{"/a.log", "a.log", false, true},
		{"build/", "build", true, true},
		{"build/", "build", false, false},
		{"doc/*.txt", "doc/a.txt", false, true},
		{"doc/*.txt", "doc/b/a.txt", false, false},
		{"doc/**/a.txt", "doc/b/c/a.txt", false, true},
		{"**/x", "a/b/x", false, true},
		{"a?c", "abc", false, true},
		{"[!a]b", "ab", false, false},
		{"[!a]b", "cb", false, true},
		{"a.b", "axb", false, false},
	}
	for _, tt := range tests {
		rule, ok := parseRule(tt.rule, ".")
		if !ok {
			t.Errorf("%q is not understood", tt.rule)
			continue
		}
		if got := (ignored{rule}).match(tt.path, tt.dir); got != tt.want {
			t.Errorf("%q and %q: %v, want %v", tt.rule, tt.path, got, tt.want)
		}
	}
	for _, none := range []string{"", "# a comment", "   "} {
		if _, ok := parseRule(none, "."); ok {
			t.Errorf("%q is a rule", none)
		}
	}
	again, _ := parseRule("!keep.log", ".")
	all, _ := parseRule("*.log", ".")
	if (ignored{all, again}).match("keep.log", false) {
		t.Error("what is named again with ! is ignored")
	}
	below, _ := parseRule("/x", "sub")
	if !(ignored{below}).match("sub/x", false) || (ignored{below}).match("x", false) {
		t.Error("a rule counts below its own directory only")
	}
}
