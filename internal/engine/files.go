package engine

import (
	"os"
	"path/filepath"
	"slices"

	"github.com/woodwork-lang/ww/internal/project"
	"github.com/woodwork-lang/ww/internal/watch"
)

// envName is the file of variables beside the .ww file.
const envName = ".env"

// sources are the files that decide what runs: the .ww file, .env, and what the components name. Absolute paths.
func sources(p *project.Project) []string {
	env := filepath.Join(p.Dir, envName)
	if p.EnvFile != "" {
		env = p.EnvFile
		if abs, err := filepath.Abs(env); err == nil {
			env = abs
		}
	}
	return append([]string{p.File, env}, p.Files()...)
}

// hashes are the contents of the sources of a project; a file that is not there has none.
func hashes(p *project.Project) map[string]string {
	all := map[string]string{}
	for _, path := range sources(p) {
		if h := watch.Content(path); h != "" {
			all[path] = h
		}
	}
	return all
}

// touched are the files whose contents differ.
func touched(old, now map[string]string) []string {
	var files []string
	for path, h := range now {
		if old[path] != h {
			files = append(files, path)
		}
	}
	for path := range old {
		if _, still := now[path]; !still {
			files = append(files, path)
		}
	}
	return files
}

// torn reports whether a file that has changed is empty or gone: most likely somebody is in the middle of writing it.
func (e *Engine) torn(files map[string]string) bool {
	return slices.ContainsFunc(touched(e.content.files, files), func(path string) bool {
		st, err := os.Stat(path)
		return err != nil || st.Size() == 0
	})
}
