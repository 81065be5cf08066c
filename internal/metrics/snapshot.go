package metrics

import (
	"cmp"
	"fmt"
	"slices"
	"time"
)

// Version is the version of the JSON of a Snapshot. It changes when an old reader would misread a new one.
const Version = 1

// Snapshot is what a process counted, or several together.
type Snapshot struct {
	V         int       `json:"v"`
	At        time.Time `json:"at"` // of several: the latest
	Processes int       `json:"processes"`
	Families  []Family  `json:"families"` // sorted by name
}

// Family is one instrument with all its label values.
type Family struct {
	Name   string   `json:"name"`
	Help   string   `json:"help"`
	Kind   Kind     `json:"kind"`
	Labels []string `json:"labels,omitempty"`
	Max    bool     `json:"max,omitempty"`       // of a gauge: see Def
	Bounds []int64  `json:"bounds_ns,omitempty"` // of a histogram
	Series []Series `json:"series,omitempty"`    // sorted by values
}

// Series is one combination of label values. Of a counter, Count counts; of a gauge, Value is what it was; of a
// histogram, Buckets are the counts by size (not cumulative, one more than bounds), Count is their sum and Sum the sum of
// all durations in nanoseconds.
type Series struct {
	Values  []string `json:"values,omitempty"`
	Count   uint64   `json:"count,omitempty"`
	Value   int64    `json:"value,omitempty"`
	Buckets []uint64 `json:"buckets,omitempty"`
	Sum     int64    `json:"sum_ns,omitempty"`
}

// Snapshot reads every instrument. Each number is exact; numbers that change meanwhile are not of one instant.
func (s *Set) Snapshot() Snapshot {
	out := Snapshot{V: Version, At: time.Now(), Processes: 1, Families: s.families()}
	slices.SortFunc(out.Families, byName)
	return out
}

func byName(a, b Family) int { return cmp.Compare(a.Name, b.Name) }

// TurnsEnded is how many turns ended, and how many of them were answered.
func (s Snapshot) TurnsEnded() (all, ok int) {
	for _, f := range s.Families {
		if f.Name != turnsEnded {
			continue
		}
		for _, one := range f.Series {
			all += int(one.Count)
			if one.Values[len(one.Values)-1] == "ok" {
				ok += int(one.Count)
			}
		}
	}
	return all, ok
}

// Merge adds snapshots of different processes. Families that only some of them know are kept. It fails when a family
// does not mean the same in all of them, which is so when they come from different versions of ww.
func Merge(snapshots ...Snapshot) (Snapshot, error) {
	out := Snapshot{V: Version, Families: []Family{}}
	for _, s := range snapshots {
		if s.V != Version {
			return Snapshot{}, &VersionError{Got: s.V}
		}
		if s.At.After(out.At) {
			out.At = s.At
		}
		out.Processes += s.Processes
		for _, f := range s.Families {
			if err := out.add(f); err != nil {
				return Snapshot{}, err
			}
		}
	}
	return out, nil
}

// add adds a family of another process; it shares nothing with f afterwards that is written to.
func (s *Snapshot) add(f Family) error {
	if err := f.check(); err != nil {
		return err
	}
	i, found := slices.BinarySearchFunc(s.Families, f, byName)
	if !found {
		empty := f
		empty.Series = nil
		s.Families = slices.Insert(s.Families, i, empty)
	}
	mine := &s.Families[i]
	if mine.Kind != f.Kind || mine.Max != f.Max || !slices.Equal(mine.Labels, f.Labels) || !slices.Equal(mine.Bounds, f.Bounds) {
		return &FamilyError{f.Name, "does not mean the same in all processes; restart them with the same ww"}
	}
	for _, o := range f.Series {
		mine.addSeries(o)
	}
	return nil
}

func (f *Family) addSeries(o Series) {
	i, found := slices.BinarySearchFunc(f.Series, o, func(a, b Series) int { return slices.Compare(a.Values, b.Values) })
	if !found {
		o.Buckets = slices.Clone(o.Buckets)
		f.Series = slices.Insert(f.Series, i, o)
		return
	}
	mine := &f.Series[i]
	mine.Count = addCapped(mine.Count, o.Count)
	mine.Sum += o.Sum
	if f.Max {
		mine.Value = max(mine.Value, o.Value)
	} else {
		mine.Value += o.Value
	}
	for b := range mine.Buckets {
		mine.Buckets[b] = addCapped(mine.Buckets[b], o.Buckets[b])
	}
}

// check says whether a family that came from another process has the shape that it should have.
func (f *Family) check() error {
	switch f.Kind {
	case KindCounter, KindGauge, KindHistogram:
	default:
		return &FamilyError{f.Name, fmt.Sprintf("is of an unknown kind %q", f.Kind)}
	}
	if !isName(f.Name) || slices.ContainsFunc(f.Labels, func(l string) bool { return !isName(l) }) {
		return &FamilyError{f.Name, "has a name that Prometheus does not take"}
	}
	want := 0
	if f.Kind == KindHistogram {
		want = len(f.Bounds) + 1
	}
	for _, s := range f.Series {
		if len(s.Values) != len(f.Labels) || len(s.Buckets) != want {
			return &FamilyError{f.Name, "has a series of the wrong shape"}
		}
	}
	return nil
}

// isName says whether s can name an instrument or a label.
func isName(s string) bool {
	for i := range len(s) {
		c := s[i]
		if c != '_' && (c < 'a' || c > 'z') && (c < 'A' || c > 'Z') && (c < '0' || c > '9' || i == 0) {
			return false
		}
	}
	return s != ""
}
