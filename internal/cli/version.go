package cli

import (
	"cmp"
	"fmt"
	"runtime"
	"runtime/debug"

	"github.com/spf13/cobra"
)

type versionOptions struct {
	IO
	JSON bool
}

func versionCmd(world IO) *cobra.Command {
	o := versionOptions{IO: world}
	cmd := &cobra.Command{
		Use:     "version",
		Short:   "Print which ww this is",
		GroupID: groupSelf,
		Args:    noArgs,
		RunE:    func(*cobra.Command, []string) error { return runVersion(o) },
	}
	cmd.Flags().BoolVar(&o.JSON, "json", false, "print it as JSON")
	return cmd
}

// versionInfo is the JSON of ww version.
type versionInfo struct {
	Version  string `json:"version"`
	Commit   string `json:"commit,omitempty"`
	Dirty    bool   `json:"dirty,omitempty"`
	Go       string `json:"go"`
	Platform string `json:"platform"`
}

func runVersion(o versionOptions) error {
	v := thisVersion()
	if o.JSON {
		return writeJSON(o.Out, v)
	}
	text := "ww " + v.Version
	if v.Commit != "" {
		text += " (" + v.Commit[:min(12, len(v.Commit))]
		if v.Dirty {
			text += ", changed since"
		}
		text += ")"
	}
	_, err := fmt.Fprintf(o.Out, "%s, %s, %s\n", text, v.Go, v.Platform)
	return err
}

// thisVersion is what the build wrote into the binary.
func thisVersion() versionInfo {
	v := versionInfo{Version: "devel", Go: runtime.Version(), Platform: runtime.GOOS + "/" + runtime.GOARCH}
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return v
	}
	if info.Main.Version != "(devel)" {
		v.Version = cmp.Or(info.Main.Version, v.Version)
	}
	for _, s := range info.Settings {
		switch s.Key {
		case "vcs.revision":
			v.Commit = s.Value
		case "vcs.modified":
			v.Dirty = s.Value == "true"
		}
	}
	return v
}
