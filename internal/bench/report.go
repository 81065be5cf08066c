// Package bench measures what ww promises, each figure beside a baseline that is measured in the same run.
package bench

import (
	"fmt"
	"slices"
	"time"
)

// Report is what `ww bench` prints.
type Report struct {
	Machine Machine `json:"machine"`
	Rows    []Row   `json:"rows"`
}

// Machine is the state of the machine around the measuring.
type Machine struct {
	OS           string  `json:"os"`
	Arch         string  `json:"arch"`
	CPUs         int     `json:"cpus"`
	Model        string  `json:"model,omitempty"`
	Kernel       string  `json:"kernel,omitempty"`
	Go           string  `json:"go"`
	LoadBefore   float64 `json:"load_before"`
	LoadAfter    float64 `json:"load_after"`
	StealPercent float64 `json:"steal_percent"`
}

// Row is one figure. Value and BaselineValue are medians over all windows, Ratio is the median of the windows' ratios.
type Row struct {
	Name          string  `json:"name"`
	Unit          string  `json:"unit"`
	Value         float64 `json:"value"`
	P99           float64 `json:"p99"`
	Baseline      string  `json:"baseline,omitempty"`
	BaselineValue float64 `json:"baseline_value,omitempty"`
	BaselineP99   float64 `json:"baseline_p99,omitempty"`
	Ratio         float64 `json:"ratio,omitempty"`
	RatioMin      float64 `json:"ratio_min,omitempty"`
	RatioMax      float64 `json:"ratio_max,omitempty"`
	Windows       int     `json:"windows"`
	Samples       int     `json:"samples"`
	Goal          string  `json:"goal,omitempty"`
	OK            *bool   `json:"ok"` // null: the baseline was too noisy to say
}

// Single is a row without a baseline: the figures of something that took these times. The goal is for the median, and for
// the 99th percentile; 0 is no goal.
func Single(name string, took []time.Duration, p50, p99 time.Duration) Row {
	sorted := slices.Sorted(slices.Values(took))
	ms := func(q float64) float64 { return micros(quantile(sorted, q)) / 1000 }
	r := Row{Name: name, Unit: "ms", Value: ms(0.5), P99: ms(0.99), Windows: 1, Samples: len(took)}
	ok := len(took) > 0
	if p50 > 0 {
		r.Goal = fmt.Sprintf("p50 ≤ %d ms", p50.Milliseconds())
		ok = ok && r.Value <= float64(p50.Milliseconds())
	}
	if p99 > 0 {
		r.Goal += fmt.Sprintf(", p99 ≤ %d ms", p99.Milliseconds())
		ok = ok && r.P99 <= float64(p99.Milliseconds())
	}
	r.OK = &ok
	return r
}

// Beside gives a row its baseline.
func (r Row) Beside(what string, took []time.Duration) Row {
	sorted := slices.Sorted(slices.Values(took))
	r.Baseline, r.BaselineValue, r.BaselineP99 = what, micros(quantile(sorted, 0.5))/1000, micros(quantile(sorted, 0.99))/1000
	if r.BaselineValue > 0 {
		r.Ratio = r.Value / r.BaselineValue
		r.RatioMin, r.RatioMax = r.Ratio, r.Ratio
	}
	return r
}
