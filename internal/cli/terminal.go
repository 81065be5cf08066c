package cli

import (
	"cmp"
	"io"
	"os"
	"strings"

	"github.com/mattn/go-isatty"
	"golang.org/x/sys/unix"
)

// isTerminal reports whether a stream is a terminal.
func isTerminal(stream any) bool {
	f, ok := stream.(*os.File)
	return ok && isatty.IsTerminal(f.Fd())
}

// width is the number of columns of a terminal; 0 when w is none.
func width(w io.Writer) int {
	f, ok := w.(*os.File)
	if !ok {
		return 0
	}
	size, err := unix.IoctlGetWinsize(int(f.Fd()), unix.TIOCGWINSZ)
	if err != nil {
		return 0
	}
	return int(size.Col)
}

// colored reports whether colours may be written to w.
func colored(world IO, w io.Writer) bool {
	if !isTerminal(w) {
		return false
	}
	if v, ok := world.Env("NO_COLOR"); ok && v != "" {
		return false
	}
	term, _ := world.Env("TERM")
	return term != "dumb" && term != ""
}

// onlyASCII reports whether whoever reads may be unable to show anything but ASCII: by the locale, the terminal, or wish.
func onlyASCII(world IO) bool {
	get := func(name string) string {
		v, _ := world.Env(name)
		return v
	}
	if get("WW_ASCII") != "" || get("TERM") == "dumb" || get("TERM") == "linux" {
		return true
	}
	locale := strings.ToLower(cmp.Or(get("LC_ALL"), get("LC_CTYPE"), get("LANG")))
	return !strings.Contains(locale, "utf-8") && !strings.Contains(locale, "utf8")
}

// isNull reports whether a stream is the device that is always empty. A closed standard input becomes one when the
// program starts.
func isNull(stream any) bool {
	f, ok := stream.(*os.File)
	if !ok {
		return false
	}
	have, err := f.Stat()
	if err != nil {
		return true
	}
	null, err := os.Stat(os.DevNull)
	return err == nil && os.SameFile(have, null)
}
