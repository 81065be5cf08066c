package cli

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strings"

	"github.com/woodwork-lang/ww/internal/component"
	"github.com/woodwork-lang/ww/internal/kinds/events"
	"github.com/woodwork-lang/ww/internal/recording"
	"github.com/woodwork-lang/ww/internal/secret"
)

var (
	_ component.Tape   = (*recording.Tape)(nil)
	_ component.Player = (*recording.Player)(nil)
)

// openTape is nil for an app that keeps no recordings.
func openTape(spec component.Spec, log *runnerLog) *recording.Tape {
	if spec.App.Recording == component.RecordingOff || spec.App.StateDir == "" {
		return nil
	}
	return recording.NewTape(recording.Options{
		Dir: filepath.Join(spec.App.StateDir, recording.DirName), Instance: spec.Instance, Log: log.log,
		Mask: log.mask.Bytes, Made: func() recording.Component { return madeOf(spec, log.mask) },
	})
}

// maxHashed bounds a file whose hash is kept.
const maxHashed = 8 << 20

// madeOf says what a component is made of, so that a later run can say what has changed since.
func madeOf(spec component.Spec, mask *secret.Masker) recording.Component {
	made := recording.Component{Kind: recording.KindComponent, Component: spec.Name, WW: thisVersion().Version, Type: spec.Kind + " " + spec.Type}
	config, err := json.Marshal(spec.Config)
	if err == nil {
		made.Config = hashOf(mask.Bytes(config))
	}
	names := append([]string{}, spec.Files...)
	names = append(names, texts(spec.Config)...)
	for _, name := range names {
		path := name
		if !filepath.IsAbs(path) {
			path = filepath.Join(spec.App.Dir, path)
		}
		info, err := os.Stat(path)
		if err != nil || !info.Mode().IsRegular() || info.Size() > maxHashed {
			continue // a property that is no file
		}
		b, err := os.ReadFile(path)
		if err != nil {
			continue
		}
		if made.Files == nil {
			made.Files = map[string]string{}
		}
		if rel, err := filepath.Rel(spec.App.Dir, path); err == nil {
			path = filepath.ToSlash(rel)
		}
		made.Files[path] = hashOf(b)
	}
	return made
}

// texts are the texts in a value that may be the names of files.
func texts(v any) []string {
	switch v := v.(type) {
	case string:
		if v != "" && len(v) < 256 && !strings.ContainsAny(v, "\n\x00") {
			return []string{v}
		}
	case map[string]any:
		var all []string
		for _, part := range v {
			all = append(all, texts(part)...)
		}
		return all
	}
	return nil
}

func hashOf(b []byte) string {
	sum := sha256.Sum256(b)
	return "sha256:" + hex.EncodeToString(sum[:])
}

// openPlayer is nil when nothing is played.
func openPlayer(spec component.Spec, log *runnerLog) (*recording.Player, error) {
	play := spec.App.Replay
	if play == nil {
		return nil, nil //nolint:nilnil // there is none, and nothing is wrong
	}
	rec, err := recording.Load(play.File)
	if err != nil {
		return nil, err
	}
	return recording.NewPlayer(rec, recording.Order{
		How: recording.How(play.How), Turn: play.Turn, Hop: play.Hop, WW: thisVersion().Version, Pipe: events.TypePipe, Mask: log.mask.Bytes,
	}, func(m *recording.Mismatch) {
		if err := addMismatch(play.Report, m); err != nil {
			log.log.Error("a mismatch could not be reported", "error", err)
		}
	}), nil
}

// addMismatch adds a line to the report. Each is one write.
func addMismatch(path string, m *recording.Mismatch) error {
	line, err := json.Marshal(m)
	if err != nil {
		return err
	}
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_APPEND, 0o600)
	if err != nil {
		return err
	}
	_, err = f.Write(append(line, '\n'))
	return errors.Join(err, f.Close())
}

// taped runs a component whose calls are kept, or answered from a recording.
func taped(spec component.Spec, log *runnerLog, deps component.Deps, run func(component.Deps) int) (int, error) {
	player, err := openPlayer(spec, log)
	if err != nil {
		return 0, err
	}
	if player != nil {
		deps.Player = player
	}
	tape := openTape(spec, log)
	if tape == nil {
		return run(deps), nil
	}
	deps.Tape = tape
	defer tape.Close()
	return run(deps), nil
}
