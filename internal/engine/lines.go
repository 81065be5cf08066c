package engine

import (
	"bytes"
	"io"
	"os"
)

// How much of a log is shown beside a failure.
const (
	tailLines = 8
	tailBytes = 8 << 10
)

// lastLines reads the end of a log file. What cannot be read is no lines.
func lastLines(path string, n int) []string {
	f, err := os.Open(path)
	if err != nil {
		return nil
	}
	defer f.Close()
	size, err := f.Seek(0, io.SeekEnd)
	if err != nil {
		return nil
	}
	from := max(0, size-tailBytes)
	b, err := io.ReadAll(io.NewSectionReader(f, from, size-from))
	if err != nil {
		return nil
	}
	lines := bytes.Split(bytes.TrimRight(b, "\n"), []byte("\n"))
	if from > 0 && len(lines) > 1 {
		lines = lines[1:] // its beginning is missing
	}
	if len(lines) > n {
		lines = lines[len(lines)-n:]
	}
	var out []string
	for _, l := range lines {
		if len(l) > 0 {
			out = append(out, string(l))
		}
	}
	return out
}
