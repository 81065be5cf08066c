package lsp

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
)

// What a client may send: far more than any file that the parser takes, escaped as JSON.
const (
	maxHeader = 4 << 10
	maxBody   = 128 << 20
)

// errFrame is a beginning of a message that cannot be understood, so that nobody knows where the next one begins.
var errFrame = errors.New("no language client is speaking")

// readFrame reads one message: header lines, an empty line, and as many bytes as Content-Length says. At the end of the
// input between two messages the error is io.EOF; inside of one it is io.ErrUnexpectedEOF.
func readFrame(r *bufio.Reader) ([]byte, error) {
	length, room := -1, maxHeader
	for first := true; ; first = false {
		line, err := readLine(r, room)
		switch {
		case errors.Is(err, io.EOF) && first && line == "":
			return nil, io.EOF
		case errors.Is(err, io.EOF):
			return nil, io.ErrUnexpectedEOF
		case err != nil:
			return nil, err
		}
		room -= len(line)
		line = strings.TrimRight(line, "\r\n")
		if line == "" {
			break
		}
		name, value, ok := strings.Cut(line, ":")
		if !ok {
			return nil, fmt.Errorf("%w: the header line %.40q has no colon", errFrame, line)
		}
		if !strings.EqualFold(strings.TrimSpace(name), "Content-Length") {
			continue
		}
		length, err = strconv.Atoi(strings.TrimSpace(value))
		if err != nil || length < 0 || length > maxBody {
			return nil, fmt.Errorf("%w: a message has the length %.40q", errFrame, value)
		}
	}
	if length < 0 {
		return nil, fmt.Errorf("%w: a message has no Content-Length", errFrame)
	}
	var body bytes.Buffer // grows with what comes, not with what is promised
	if _, err := io.CopyN(&body, r, int64(length)); err != nil {
		if errors.Is(err, io.EOF) {
			err = io.ErrUnexpectedEOF
		}
		return nil, err
	}
	return body.Bytes(), nil
}

// readLine reads up to the end of a line, which is part of it. A line that is longer than limit is an error.
func readLine(r *bufio.Reader, limit int) (string, error) {
	var line []byte
	for {
		part, err := r.ReadSlice('\n')
		line = append(line, part...)
		switch {
		case len(line) > limit:
			return "", fmt.Errorf("%w: a header is longer than %d bytes", errFrame, maxHeader)
		case errors.Is(err, bufio.ErrBufferFull):
			continue
		}
		return string(line), err
	}
}

// writeFrame writes one message in one piece.
func writeFrame(w io.Writer, body []byte) error {
	frame := fmt.Appendf(make([]byte, 0, len(body)+32), "Content-Length: %d\r\n\r\n", len(body))
	_, err := w.Write(append(frame, body...))
	return err
}
