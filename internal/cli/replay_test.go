package cli_test

import (
	"os"
	"os/exec"
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

// TestAnOldRecordingWithPythonAndPipesIsPlayed plays what the first ww that recorded made of an app of Python functions, a
// hook and pipes. What they answered then can have come only from the recording, and nothing is done again.
func TestAnOldRecordingWithPythonAndPipesIsPlayed(t *testing.T) {
	t.Parallel()
	if _, err := exec.LookPath("python3"); err != nil {
		if os.Getenv("WW_REQUIRE") == "all" {
			t.Fatal("this test needs python3")
		}
		t.Skip("needs python3")
	}
	g := newGuide(t)
	if err := os.CopyFS(g.dir, os.DirFS(filepath.Join("..", "..", "golden", "recording", "python"))); err != nil {
		t.Fatal(err)
	}
	g.run("ww replay --trust --recording v1.jsonl --json", `{"file":"main.ww",…"how":"all","same":true,…"now":"Booked: {\"at\":1795770346.9676201,\"guest\":\"Ann # 1795770346.947719\",…`)
	g.run("ww replay --trust --recording v1.jsonl && test ! -e effects && echo nothing was done", "✓ turn 10 \"Dora leaves now\"\n10 turns of session s-edcu5hxe, as recorded\nnothing was done")
	g.run("ww replay --trust --recording v1.jsonl --from 9:1 && cat effects", "✓ turn 8 \"book Dora\"\n~ turn 9 \"Cleo leaves\"\n~ turn 10 \"Dora leaves now\"\nleft Cleo\nleft Dora")
	g.run("ww replay --trust --recording v1.jsonl --from 10:1", "9 turns of session s-edcu5hxe, as recorded; 1 turn ran again")
	g.run("head -n 40 v1.jsonl | sed '1s/\"made\"/\"lines\":91,\"made\"/' > cut.jsonl; ww replay --trust --recording cut.jsonl 2>&1 || echo status $?",
		"ww: cut.jsonl was cut off: 39 lines follow its first one, and that says 91; export it again, …\nstatus 1")
	g.run("head -c 40000 v1.jsonl > torn.jsonl; ww replay --trust --recording torn.jsonl 2>&1 || echo status $?", "ww: torn.jsonl:…: no line of a recording: it ends in the middle: was the file cut off?\nstatus 1")
	g.run("sed 's/\"took_us\"/\"mood\":\"good\",\"took_us\"/' v1.jsonl > later.jsonl; ww replay --trust --recording later.jsonl",
		"left out, because this ww does not know it: hop.mood, call.mood\n10 turns of session s-edcu5hxe, as recorded")
}

// TestTurnsThatWereCutShortAreNotAskedAgain plays a session of which two turns have no end of their own.
func TestTurnsThatWereCutShortAreNotAskedAgain(t *testing.T) {
	t.Parallel()
	g := newGuide(t)
	if err := os.CopyFS(g.dir, os.DirFS(filepath.Join("..", "..", "golden", "recording"))); err != nil {
		t.Fatal(err)
	}
	g.run(`sed '/"turn":"t-ge7uclt2xtgx"/{s/"status":"ok","answer":"[^"]*"/"status":"canceled","answer":""/;/"kind":"call"/d;/"kind":"hop"/d}
		/"turn":"t-w4rxaakpu3zt"/{s/"status":"ok"/"status":"timeout"/;/"kind":"call"/d}' v1.jsonl > short.jsonl; grep -c . short.jsonl`, "…")
	g.run("ww replay --recording short.jsonl --json", `{"file":"main.ww",…"same":true,…"skipped":true,"status":"canceled",…"skipped":true,"status":"timeout",…`)
	g.run("ww replay --recording short.jsonl || echo status $?",
		"✓ turn 2 \"where is Emma?\"\n- turn 9 \"compare A and B\": it was canceled when it was recorded, and not asked again\n- turn 10 \"bye\": its time was over when it was recorded, and not asked again\n")
	g.run("ww replay --recording short.jsonl --from 10:1 2>&1", "- turn 9 …\n✓ turn 10 \"bye\"\n8 turns of session s-hamaaswn, as recorded; 1 turn ran again; 1 turn was not asked")
}
