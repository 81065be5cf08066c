package script

import (
	"bufio"
	"bytes"
	"errors"
	"io"
)

// A lineReader cuts a stream into lines of bounded length. What is longer is skipped, never kept: a program that writes
// without end must not fill our memory.
type lineReader struct {
	r    *bufio.Reader
	most int
	buf  []byte
}

// A line is one line of a stream without its end. When it was too long, text is only its beginning and dropped the
// number of all its bytes.
type line struct {
	text    []byte
	dropped int
}

// headOfLong is how much of a line that is too long is kept, to show what it was.
const headOfLong = 512

func newLineReader(r io.Reader, most int) *lineReader {
	return &lineReader{r: bufio.NewReaderSize(r, 32<<10), most: max(most, headOfLong)}
}

// next returns the next line, which is good until the one after it is asked for. The last line of a stream may lack
// its end.
func (l *lineReader) next() (line, error) {
	l.buf = l.buf[:0]
	size := 0
	for {
		piece, err := l.r.ReadSlice('\n')
		size += len(piece)
		if room := l.most + 2 - len(l.buf); room > 0 {
			l.buf = append(l.buf, piece[:min(room, len(piece))]...)
		}
		switch {
		case errors.Is(err, bufio.ErrBufferFull):
			continue
		case err != nil && size == 0:
			return line{}, err
		}
		return l.cut(size), nil
	}
}

func (l *lineReader) cut(size int) line {
	text := bytes.TrimSuffix(bytes.TrimSuffix(l.buf, []byte("\n")), []byte("\r"))
	if size > l.most+2 || len(text) > l.most {
		return line{text: text[:headOfLong], dropped: size}
	}
	return line{text: text}
}
