package cli

import (
	"slices"
	"strings"
	"testing"
)

// Every command line of the Python engine either works or says in one sentence what is there instead.
func TestTheCommandLineOfThePythonEngine(t *testing.T) {
	t.Parallel()
	for line, want := range map[string]string{
		"":                           "",
		"--mode run":                 "dev",
		"--mode=debug shop.ww":       "dev shop.ww",
		"--mode embed":               "embed",
		"--mode clear":               "embed --clear",
		"--debug":                    "dev",
		"--clean":                    "clean",
		"--version":                  "version",
		"-v":                         "version",
		"run":                        "dev",
		"run -c shop.ww --gui":       "dev shop.ww",
		"run --config=shop.ww":       "dev shop.ww",
		"clear":                      "embed --clear",
		"status":                     "ps",
		"embed":                      "embed",
		"init":                       "init",
		"init hello":                 "init hello",
		"clean logs":                 "clean logs",
		"dev --debug fx.py":          "dev --debug fx.py",
		"deev":                       "deev",
		"--init":                     "! there is nothing to install",
		"--init isolated":            "! there is nothing to install",
		"init --all":                 "! there is nothing to install",
		"--mode":                     "! --mode was followed by run, debug, embed or clear",
		"--mode fly":                 "! --mode fly: there were run, debug, embed and clear",
		"--gui":                      "! the screen of ww dev takes the place of the GUI",
		"--gui run":                  "! the screen of ww dev takes the place of the GUI",
		"--workflow none":            "dev",
		"--workflow":                 "! workflows are no part of this version",
		"--workflow find --target x": "! workflows are no part of this version",
		"workflow list":              "! workflows are no part of this version",
		"add workflow w.json":        "! workflows are no part of this version",
		"--logConfig log.json":       "! there is no logging configuration",
		"--log-config=log.json":      "! there is no logging configuration",
		"build":                      "! there is nothing to build",
		"deploy":                     "! this version runs apps on this machine only",
		"auth":                       "! nothing logs in",
		"eval":                       "! ww test takes the place of eval",
	} {
		ours, _, err := modern(strings.Fields(line))
		got := strings.Join(ours, " ")
		if err != nil {
			got = "! " + err.Error()
		}
		if got != want && (err == nil || !strings.HasPrefix(got, want) || strings.Contains(got, "\n")) {
			t.Errorf("%s: got %q, want %q", line, got, want)
		}
	}
}

// No verb of ours is taken for a word of theirs.
func TestOurVerbsMeanWhatTheyMean(t *testing.T) {
	t.Parallel()
	for _, c := range rootCmd(IO{Env: func(string) (string, bool) { return "", false }}).Commands() {
		if ours, said, err := modern([]string{c.Name(), "x"}); err != nil || said != "" || !slices.Equal(ours, []string{c.Name(), "x"}) {
			t.Errorf("%s becomes %v (%s, %v)", c.Name(), ours, said, err)
		}
	}
}
