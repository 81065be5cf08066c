// Package bench measures what ww promises, each figure beside a baseline that is measured in the same run.
package bench

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
