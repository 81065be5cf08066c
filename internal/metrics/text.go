package metrics

import (
	"io"
	"strconv"
	"strings"
)

// ContentType is that of WriteText.
const ContentType = "text/plain; version=0.0.4; charset=utf-8"

// WriteText writes a snapshot in Prometheus text form.
func WriteText(w io.Writer, s Snapshot) error {
	var b []byte
	for _, f := range s.Families {
		if err := f.check(); err != nil {
			return err
		}
		b = f.appendText(b)
	}
	_, err := w.Write(b)
	return err
}

func (f *Family) appendText(b []byte) []byte {
	b = append(b, "# HELP "+f.Name+" "+escape(f.Help, false)+"\n# TYPE "+f.Name+" "+string(f.Kind)+"\n"...)
	for _, s := range f.Series {
		switch f.Kind {
		case KindCounter:
			b = strconv.AppendUint(f.appendName(b, "", s.Values, ""), s.Count, 10)
		case KindGauge:
			b = strconv.AppendInt(f.appendName(b, "", s.Values, ""), s.Value, 10)
		case KindHistogram:
			b = f.appendHistogram(b, s)
		}
		b = append(b, '\n')
	}
	return b
}

// appendHistogram writes cumulative buckets, the sum and the count.
func (f *Family) appendHistogram(b []byte, s Series) []byte {
	var n uint64
	for i, count := range s.Buckets {
		n = addCapped(n, count)
		le := "+Inf"
		if i < len(f.Bounds) {
			le = formatSeconds(f.Bounds[i])
		}
		b = strconv.AppendUint(f.appendName(b, "_bucket", s.Values, le), n, 10)
		b = append(b, '\n')
	}
	b = append(f.appendName(b, "_sum", s.Values, ""), formatSeconds(s.Sum)...)
	b = append(b, '\n')
	return strconv.AppendUint(f.appendName(b, "_count", s.Values, ""), n, 10)
}

// appendName writes everything of a line but its number.
func (f *Family) appendName(b []byte, suffix string, values []string, le string) []byte {
	b = append(b, f.Name+suffix...)
	sep := byte('{')
	pair := func(label, value string) {
		b = append(b, sep)
		b = append(b, label+`="`+escape(value, true)+`"`...)
		sep = ','
	}
	for i, label := range f.Labels {
		pair(label, values[i])
	}
	if le != "" {
		pair("le", le)
	}
	if sep == ',' {
		b = append(b, '}')
	}
	return append(b, ' ')
}

func formatSeconds(ns int64) string { return strconv.FormatFloat(seconds(ns), 'g', -1, 64) }

// escape writes s as the text form wants it. Quotes are escaped in label values only.
func escape(s string, quotes bool) string {
	if !strings.ContainsAny(s, "\\\n\"") {
		return s
	}
	s = strings.ReplaceAll(strings.ReplaceAll(s, `\`, `\\`), "\n", `\n`)
	if quotes {
		s = strings.ReplaceAll(s, `"`, `\"`)
	}
	return s
}
