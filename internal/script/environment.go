package script

import (
	"maps"
	"os"
	"slices"
)

// TagVariable names the variable that every process of an app has in its environment, with the nonce of this start.
const TagVariable = "WW_TAG"

// Environment is what a process by others gets to see: enough to find programs and to write files, what its
// declaration names, and the tag. Everything else that ww was started with stays out, secrets most of all.
func Environment(declared map[string]string, tag string) []string {
	env := map[string]string{
		// Python keeps its output back when it is not a terminal, and loses it when it is killed.
		"PYTHONUNBUFFERED":   "1",
		"PYTHONFAULTHANDLER": "1",
		"PYTHONUTF8":         "1",
	}
	for _, name := range []string{"PATH", "HOME", "LANG", "TMPDIR"} {
		if value, ok := os.LookupEnv(name); ok {
			env[name] = value
		}
	}
	maps.Copy(env, declared)
	env[TagVariable] = tag
	out := make([]string, 0, len(env))
	for _, name := range slices.Sorted(maps.Keys(env)) {
		out = append(out, name+"="+env[name])
	}
	return out
}
