package cli

import (
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"unicode"

	"github.com/spf13/cobra"
)

type initOptions struct {
	IO
	Dir string
}

func initCmd(world IO) *cobra.Command {
	o := initOptions{IO: world}
	return &cobra.Command{
		Use:     "init [DIR]",
		Short:   "Make a small project that runs at once",
		GroupID: groupWrite,
		Args:    atMostOne("directory"),
		RunE: func(_ *cobra.Command, args []string) error {
			o.Dir = "."
			if len(args) > 0 {
				o.Dir = filepath.Clean(args[0])
			}
			return runInit(o)
		},
	}
}

//go:embed all:template
var template embed.FS

// runInit writes the template. It replaces nothing: when one of its files is there, none is written.
func runInit(o initOptions) error {
	if info, err := os.Stat(o.Dir); err == nil && !info.IsDir() {
		return notDirectory(o.Dir)
	}
	names, err := fs.Glob(template, "template/*")
	if err != nil {
		return failed(err)
	}
	for _, name := range names {
		path := filepath.Join(o.Dir, filepath.Base(name))
		if _, err := os.Lstat(path); !errors.Is(err, fs.ErrNotExist) {
			return alreadyThere(path)
		}
	}
	if err := os.MkdirAll(o.Dir, 0o755); err != nil {
		return failed(err)
	}
	for _, name := range names {
		if err := o.write(name); err != nil {
			return failed(err)
		}
	}
	cd := ""
	if o.Dir != "." {
		cd = "cd " + shellWord(o.Dir) + " && "
	}
	fmt.Fprintf(o.Out, "run it: %sww dev\n", cd)
	return nil
}

// shellWord is a word as it may be pasted into a shell.
func shellWord(s string) string {
	plain := func(r rune) bool {
		return unicode.IsLetter(r) || unicode.IsDigit(r) || strings.ContainsRune("._/+-", r)
	}
	if !strings.HasPrefix(s, "-") && strings.IndexFunc(s, func(r rune) bool { return !plain(r) }) < 0 {
		return s
	}
	return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'"
}

func (o initOptions) write(name string) error {
	data, err := template.ReadFile(name)
	if err != nil {
		return err
	}
	path := filepath.Join(o.Dir, filepath.Base(name))
	if err := os.WriteFile(path, data, 0o644); err != nil {
		return err
	}
	fmt.Fprintln(o.Err, "wrote "+path)
	return nil
}
