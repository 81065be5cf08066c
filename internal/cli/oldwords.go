package cli

import (
	"fmt"
	"slices"
	"strings"
)

// What the command line of the Python engine was called, in all its forms: as ours, or in one sentence what is there
// instead. Words of ours are never taken for one of theirs.

// modern translates a command line of the Python engine. said is what to tell about it; err that it has no counterpart.
func modern(args []string) (ours []string, said string, err error) {
	if len(args) == 0 {
		return args, "", nil
	}
	word, rest := args[0], args[1:]
	if name, value, ok := strings.Cut(word, "="); ok && strings.HasPrefix(name, "--") {
		word, rest = name, append([]string{value}, rest...)
	}
	switch word {
	case "--mode":
		return oldMode(rest)
	case "run":
		return oldRun(rest)
	case "--debug":
		return as(append([]string{"dev"}, rest...), `"--debug" is ww dev; what went wrong is in ww logs, and ww dev --debug FILE.py runs a Python file under pdb`)
	case "--clean":
		return as(append([]string{"clean"}, rest...), `"--clean" is ww clean; images and containers of the Python engine are left to docker`)
	case "--init":
		return nil, "", errNoInstall()
	case "init":
		if slices.Contains(rest, "--isolated") || slices.Contains(rest, "--all") {
			return nil, "", errNoInstall()
		}
	case "clear":
		return as(append([]string{"embed", "--clear"}, rest...), `"clear" is ww embed --clear`)
	case "status":
		return as(append([]string{"ps"}, rest...), `"status" is ww ps`)
	case "-v", "--version":
		return as([]string{"version"}, "")
	case "--workflow":
		if len(rest) == 1 && rest[0] == "none" { // what it is without being said
			return as([]string{"dev"}, `"--workflow none" is ww dev`)
		}
		return nil, "", usage("%s", gone()["workflow"])
	default:
		if why, ok := gone()[word]; ok {
			return nil, "", usage("%s", why)
		}
		if len(rest) > 0 && rest[0] == "workflow" && slices.Contains([]string{"add", "remove", "find"}, word) {
			return nil, "", usage("%s", gone()["workflow"])
		}
	}
	return args, "", nil
}

func as(ours []string, said string) ([]string, string, error) { return ours, said, nil }

func oldMode(rest []string) ([]string, string, error) {
	if len(rest) == 0 {
		return nil, "", usage("--mode was followed by run, debug, embed or clear; today: ww dev, ww embed, ww embed --clear")
	}
	switch mode := rest[0]; mode {
	case "run", "debug":
		return as(append([]string{"dev"}, rest[1:]...), fmt.Sprintf(`"--mode %s" is ww dev`, mode))
	case "embed":
		return as(append([]string{"embed"}, rest[1:]...), `"--mode embed" is ww embed; it does not start the app: ww dev does`)
	case "clear":
		return as(append([]string{"embed", "--clear"}, rest[1:]...), `"--mode clear" is ww embed --clear; it does not start the app: ww dev does`)
	default:
		return nil, "", usage("--mode %s: there were run, debug, embed and clear; today: ww dev, ww embed, ww embed --clear", mode)
	}
}

// oldRun is `run -c FILE --gui`.
func oldRun(rest []string) ([]string, string, error) {
	ours, said := []string{"dev"}, `"run" is ww dev`
	for i := 0; i < len(rest); i++ {
		switch name, value, given := strings.Cut(rest[i], "="); name {
		case "-c", "--config":
			if !given && i+1 < len(rest) {
				i++
				value = rest[i]
			}
			ours = append(ours, value)
		case "--gui":
			said += "; " + gone()["--gui"]
		default:
			ours = append(ours, rest[i])
		}
	}
	return as(ours, said)
}

func errNoInstall() error {
	return usage("there is nothing to install: components are in ww, and Python files run with .woodwork/env, .venv or python3; what they import goes there: " +
		"python3 -m venv .venv && .venv/bin/pip install PACKAGE; a new project: ww init DIR")
}

// gone is what has no verb, and what is there instead.
func gone() map[string]string {
	const workflows = "workflows are no part of this version: an agent finds its way by itself, and what it did is in ww trace"
	const logs = "there is no logging configuration: everything is in files, and ww logs shows it by component, level, time, session and turn"
	const gui = "the screen of ww dev takes the place of the GUI; pages of your own come in by input api"
	return map[string]string{
		"--gui":        gui,
		"workflow":     workflows,
		"--target":     workflows,
		"--logConfig":  logs,
		"--log-config": logs,
		"build":        "there is nothing to build: ww dev runs a .ww file as it stands, and ww check says what is wrong with it",
		"deploy":       "this version runs apps on this machine only: ww dev -d in the background",
		"auth":         "nothing logs in: keys stand in the environment or in the file .env, and the .ww file names them as $NAME",
		"eval":         "ww test takes the place of eval: conversations and what is expected of them stand beside the app; ww chat --lines --json asks many turns and prints one object each",
	}
}
