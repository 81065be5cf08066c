package cli_test

import (
	"os"
	"path/filepath"
	"testing"
)

// TestARecordingOfVersion1IsPlayedForEver plays golden/recording/v1.jsonl, which an early ww made and which is never made
// again: ten turns with tools. Its brain has another script since, so that only the recording can have said its answers.
func TestARecordingOfVersion1IsPlayedForEver(t *testing.T) {
	t.Parallel()
	g := newGuide(t)
	if err := os.CopyFS(g.dir, os.DirFS(filepath.Join("..", "..", "golden", "recording"))); err != nil {
		t.Fatal(err)
	}
	g.do(fence{"file brain.script", "otherwise\n    say \"nothing of it\"\n"})
	g.run("ww replay --recording v1.jsonl", "✓ turn 1 \"hello\"\n✓ turn 2 \"where is Emma?\"\n✓ turn 9 \"compare A and B\"\n✓ turn 10 \"bye\"")
	g.run("ww replay --recording v1.jsonl --llm --json", `{"file":"main.ww",…"how":"llm","same":true,…`)

	g.run(`printf 'hello\nwhere is Emma?\n' | ww dev --ui=stream replay.ww`, "You said: hello\nLook: Emma stands on shelf 3.")

	g.do(fence{"file shelf.script", "otherwise\n    say \"stands on shelf 9\"\n"})
	g.run("ww replay --recording v1.jsonl", "10 turns of session s-…, as recorded")
	g.run("ww replay --recording v1.jsonl --from 2:5 || true", "✓ turn 1 \"hello\"\n~ turn 2 \"where is Emma?\"\n    another answer\n    recorded  Look: Emma stands on shelf 3.\n    now       nothing of it")
}
