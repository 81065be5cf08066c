package llm

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"math/rand/v2"
	"net/http"
	"strconv"
	"strings"
	"time"
)

const (
	mostBody  = 8 << 20 // bytes of one event or of an error's page
	firstWait = 500 * time.Millisecond
	mostWait  = 20 * time.Second // longer than this nobody waits in here: the caller's breaker does
)

// wire sends requests and reads streams of events.
type wire struct {
	client *http.Client
}

func newWire() *wire {
	t := http.DefaultTransport.(*http.Transport).Clone() //nolint:forcetypeassert // it is one
	t.MaxIdleConnsPerHost = 16
	return &wire{client: &http.Client{Transport: t}}
}

// stream posts a request and hands every event of the answer to on. A failure before the first event is tried again; one
// behind it is final, because what was said cannot be taken back.
func (s settings) stream(ctx context.Context, url string, headers map[string]string, body any, on func(name string, data []byte) error) error {
	raw, err := json.Marshal(body)
	if err != nil {
		return err
	}
	wait := firstWait
	for try := 0; ; try++ {
		begun, err := s.once(ctx, url, headers, raw, on)
		var again *retryable
		if err == nil || begun || try >= s.retries || !errors.As(err, &again) || ctx.Err() != nil {
			return unwrapped(err)
		}
		pause := wait + rand.N(wait/2) //nolint:gosec // no secret
		if again.after > 0 {
			pause = again.after
		}
		if pause > mostWait {
			return again.err
		}
		timer := time.NewTimer(pause)
		select {
		case <-timer.C:
		case <-ctx.Done():
			timer.Stop()
			return context.Cause(ctx)
		}
		wait *= 2
	}
}

// retryable is a failure that may be another time's success.
type retryable struct {
	err   error
	after time.Duration // when the service wants to hear of us again; 0: it did not say
}

func (r *retryable) Error() string { return r.err.Error() }
func (r *retryable) Unwrap() error { return r.err }

func unwrapped(err error) error {
	var r *retryable
	if errors.As(err, &r) {
		return r.err
	}
	return err
}

// once is one try. begun means that events were handed on.
func (s settings) once(ctx context.Context, url string, headers map[string]string, body []byte, on func(string, []byte) error) (begun bool, err error) {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	watchdog := time.AfterFunc(s.silence, func() { cancel(errSilent(s.name, s.silence)) })
	defer watchdog.Stop()
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, url, bytes.NewReader(body))
	if err != nil {
		return false, errAddress(s.name, s.url, err)
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Accept", "text/event-stream")
	for k, v := range headers {
		req.Header.Set(k, v)
	}
	res, err := s.http.client.Do(req)
	if err != nil {
		return false, s.broken(ctx, err)
	}
	defer res.Body.Close()
	if res.StatusCode/100 != 2 {
		page, _ := io.ReadAll(io.LimitReader(res.Body, mostBody))
		return false, s.refused(res, page)
	}
	if kind := res.Header.Get("Content-Type"); strings.HasPrefix(kind, "application/json") {
		page, err := io.ReadAll(io.LimitReader(res.Body, mostBody))
		if err != nil {
			return false, s.broken(ctx, err)
		}
		return true, on("", page) // a service that does not stream says it all at once
	}
	err = events(res.Body, func(name string, data []byte) error {
		watchdog.Reset(s.silence)
		begun = true
		return on(name, data)
	})
	var own *problem
	switch {
	case err == nil && !begun:
		return false, errNoEvents(s)
	case err == nil, errors.Is(err, errEnough):
		return begun, nil
	case errors.As(err, &own):
		return begun, err
	}
	return begun, s.broken(ctx, err)
}

// broken is a connection that failed, or that we gave up.
func (s settings) broken(ctx context.Context, err error) error {
	if cause := context.Cause(ctx); cause != nil && ctx.Err() != nil {
		return &retryable{err: cause}
	}
	return &retryable{err: errUnreachable(s, err)}
}

// refused is an answer that is none.
func (s settings) refused(res *http.Response, page []byte) error {
	why := reason(page)
	after := retryAfter(res.Header)
	switch code := res.StatusCode; {
	case code == http.StatusTooManyRequests, code == 529, code == http.StatusServiceUnavailable:
		if after <= 0 && outOfMoney(why) {
			return errStatus(s, code, why)
		}
		return &retryable{err: &overload{text: errStatus(s, code, why).Error(), after: max(after, time.Second)}, after: after}
	case code == http.StatusRequestTimeout, code == http.StatusConflict, code >= 500:
		return &retryable{err: errStatus(s, code, why), after: after}
	case code == http.StatusBadRequest && tooLong(why), code == http.StatusRequestEntityTooLarge:
		return errLong
	case code == http.StatusBadRequest && noTools(why):
		return errTools
	default:
		return errStatus(s, code, why)
	}
}

// overload is a service that has too much to do. Its RetryAfter opens the caller's breaker for as long.
type overload struct {
	text  string
	after time.Duration
}

func (o *overload) Error() string             { return o.text }
func (o *overload) RetryAfter() time.Duration { return o.after }

// retryAfter reads the header: seconds or a date, and what some services have in milliseconds.
func retryAfter(h http.Header) time.Duration {
	if ms, err := strconv.ParseFloat(h.Get("Retry-After-Ms"), 64); err == nil && ms > 0 {
		return time.Duration(ms * float64(time.Millisecond))
	}
	v := h.Get("Retry-After")
	if seconds, err := strconv.ParseFloat(v, 64); err == nil && seconds > 0 {
		return time.Duration(seconds * float64(time.Second))
	}
	if at, err := http.ParseTime(v); err == nil {
		return max(0, time.Until(at))
	}
	return 0
}

// errEnough ends the reading of a stream that has said what was wanted.
var errEnough = errors.New("enough")

// events reads server-sent events.
func events(r io.Reader, on func(name string, data []byte) error) error {
	lines := bufio.NewReaderSize(r, 64<<10)
	var e sent
	for {
		line, err := longLine(lines)
		switch {
		case err == nil || len(line) > 0:
			if err := e.line(strings.TrimRight(string(line), "\r\n"), on); err != nil {
				return err
			}
		case len(e.data) > 0:
			return io.ErrUnexpectedEOF
		case errors.Is(err, io.EOF):
			return nil
		default:
			return err
		}
	}
}

// sent is one event as it comes in.
type sent struct {
	name string
	data []byte // nil: none yet
}

// line takes the next line; an empty one ends the event.
func (e *sent) line(line string, on func(name string, data []byte) error) error {
	field, value, _ := strings.Cut(line, ":")
	value = strings.TrimPrefix(value, " ")
	switch {
	case line == "":
		name, data := e.name, e.data
		e.name, e.data = "", nil
		if data != nil {
			return on(name, data)
		}
	case field == "event":
		e.name = value
	case field == "data" && e.data == nil:
		e.data = append([]byte{}, value...)
	case field == "data":
		e.data = append(append(e.data, '\n'), value...)
	}
	if len(e.data) > mostBody {
		return errEvent
	}
	return nil
}

func longLine(r *bufio.Reader) ([]byte, error) {
	var all []byte
	for {
		piece, err := r.ReadSlice('\n')
		all = append(all, piece...)
		if !errors.Is(err, bufio.ErrBufferFull) {
			return all, err
		}
		if len(all) > mostBody {
			return nil, errEvent
		}
	}
}
