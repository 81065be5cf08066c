// Package singlefile holds the components' side of the stdio protocol in other languages: one file each, to be copied.
package singlefile

import (
	"embed"
	"fmt"
	"slices"
	"strings"
)

//go:embed python/ww_component.py node/ww-component.mjs
var files embed.FS

// File is an SDK that is one file.
type File struct {
	Language string
	Name     string // what the file is called
	path     string
}

// List returns all of them.
func List() []File {
	return []File{
		{"python", "ww_component.py", "python/ww_component.py"},
		{"node", "ww-component.mjs", "node/ww-component.mjs"},
	}
}

// Text is what the file holds.
func (f File) Text() ([]byte, error) { return files.ReadFile(f.path) }

// Find finds the file for a language.
func Find(language string) (File, error) {
	list := List()
	i := slices.IndexFunc(list, func(f File) bool { return f.Language == language })
	if i < 0 {
		names := make([]string, len(list))
		for i, f := range list {
			names[i] = f.Language
		}
		return File{}, fmt.Errorf("there is no file for %q; there are files for %s; for Go there is the package github.com/woodwork-lang/ww/sdk", language, strings.Join(names, " and "))
	}
	return list[i], nil
}
