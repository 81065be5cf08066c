package cli

import (
	"slices"
	"time"
)

// compare finds the turns that went otherwise.
func compare(turns []scriptTurn, before, again, after []played) *verification {
	v := &verification{Turns: len(turns), Differences: []difference{}, BeforeMS: p50(before, again), AfterMS: p50(after)}
	for i := range turns {
		a, b := before[i], after[i]
		d := difference{Turn: i + 1, Text: turns[i].Text}
		chance := random(a, again[i])
		if chance {
			v.Random++
			v.RandomTurns = append(v.RandomTurns, i+1)
		}
		switch {
		case !slices.Equal(a.chain, b.chain) && slices.Equal(a.chain, again[i].chain):
			d.What, d.Before, d.After = "chain", describe(a.chain), describe(b.chain)
			d.Hop = firstOther(a.chain, b.chain)
		case a.end.Status != b.end.Status && a.end.Status == again[i].end.Status || !chance && a.end.Error != b.end.Error:
			d.What, d.Before, d.After = "status", string(a.end.Status)+" "+a.end.Error, string(b.end.Status)+" "+b.end.Error
			d.Hop = culprit(a, b)
		case chance:
			continue
		case a.end.Answer != b.end.Answer || !slices.Equal(a.end.Outputs, b.end.Outputs):
			d.What, d.Before, d.After = "answer", a.end.Answer, b.end.Answer
			d.Hop = culprit(a, b)
		case d.call(a, again[i], b) || d.made(a, again[i], b):
		default:
			continue
		}
		v.Differences = append(v.Differences, d)
	}
	v.Same = len(v.Differences) == 0
	return v
}

// random reports whether two runs in one mode differ in what was answered.
func random(a, again played) bool {
	return a.end.Answer != again.end.Answer || a.end.Status != again.end.Status || a.end.Error != again.end.Error ||
		!slices.Equal(a.end.Outputs, again.end.Outputs) || !slices.Equal(a.chain, again.chain)
}

func firstOther(a, b []string) string {
	for i := range a {
		if i >= len(b) || a[i] != b[i] {
			return a[i]
		}
	}
	if len(b) > len(a) {
		return b[len(a)]
	}
	return ""
}

func p50(runs ...[]played) float64 {
	var all []time.Duration
	for _, r := range runs {
		for _, t := range r {
			all = append(all, t.took)
		}
	}
	if len(all) == 0 {
		return 0
	}
	slices.Sort(all)
	return float64(all[len(all)/2].Microseconds()) / 1000
}
