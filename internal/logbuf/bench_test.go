package logbuf

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"testing"
	"time"
)

// BenchmarkGrep looks for a rare text among a hundred thousand lines of eight components.
func BenchmarkGrep(b *testing.B) {
	dir := b.TempDir()
	const each = 12500
	for c := range 8 {
		name := fmt.Sprint("c", c)
		var buf []byte
		for i := range each {
			buf = appendLine(buf, time.Unix(int64(1e9+i), int64(c)*1000), "stderr", name+"-ab12", Whole,
				fmt.Appendf(nil, "line %d of %s: the quick brown fox jumps over the lazy dog, again and again", i, name))
		}
		if err := os.WriteFile(filepath.Join(dir, name+suffix), buf, 0o600); err != nil {
			b.Fatal(err)
		}
	}
	for _, pattern := range []string{"line 777 of", "(?i)LAZY.*77777", ""} {
		b.Run(pattern, func(b *testing.B) {
			var q Query
			if pattern != "" {
				q.Grep = regexp.MustCompile(pattern)
			}
			for b.Loop() {
				n := 0
				if err := Each(context.Background(), dir, q, func(Line) error { n++; return nil }); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/(8*each), "ns/line")
		})
	}
}
