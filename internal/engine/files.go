package engine

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"os"
	"path/filepath"

	"github.com/woodwork-lang/ww/internal/project"
)

// envName is the file of variables beside the .ww file.
const envName = ".env"

// sources are the files that decide what runs: the .ww file, .env, and what the components name. Absolute paths.
func sources(p *project.Project) []string {
	return append([]string{p.File, filepath.Join(p.Dir, envName)}, p.Files()...)
}

// hashes are the contents of the sources of a project; a file that is not there has none.
func hashes(p *project.Project) map[string]string {
	all := map[string]string{}
	for _, path := range sources(p) {
		if h := hashOf(path); h != "" {
			all[path] = h
		}
	}
	return all
}

// maxHashed is how large a file may be to be read for its hash; a larger one counts as saved when its time changes.
const maxHashed = 16 << 20

func hashOf(path string) string {
	st, err := os.Stat(path)
	if err != nil || !st.Mode().IsRegular() {
		return ""
	}
	b := []byte(fmt.Sprint(st.Size(), st.ModTime()))
	if st.Size() <= maxHashed {
		if b, err = os.ReadFile(path); err != nil {
			return ""
		}
	}
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:16])
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
