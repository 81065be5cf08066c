package voice_test

import (
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"math"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"go.uber.org/goleak"

	"github.com/woodwork-lang/ww/internal/bus"
	"github.com/woodwork-lang/ww/internal/component"
	"github.com/woodwork-lang/ww/internal/event"
	"github.com/woodwork-lang/ww/internal/kinds/voice"
	"github.com/woodwork-lang/ww/internal/script"
	"github.com/woodwork-lang/ww/internal/turn"
)

func TestMain(m *testing.M) {
	if len(os.Args) > 1 && os.Args[1] == "guard" {
		os.Exit(script.RunGuard())
	}
	goleak.VerifyTestMain(m)
}

// wav is a second of a tone.
func wav() []byte {
	const rate = 8000
	pcm := make([]byte, 0, 2*rate)
	for i := range rate {
		v := int16(8000 * math.Sin(2*math.Pi*440*float64(i)/rate))
		pcm = append(pcm, byte(v), byte(v>>8))
	}
	le := func(n, v int) []byte {
		b := make([]byte, n)
		for i := range b {
			b[i] = byte(v >> (8 * i))
		}
		return b
	}
	var out []byte
	for _, part := range [][]byte{
		[]byte("RIFF"), le(4, 36+len(pcm)), []byte("WAVEfmt "), le(4, 16), le(2, 1), le(2, 1), le(4, rate), le(4, 2*rate), le(2, 2), le(2, 16),
		[]byte("data"), le(4, len(pcm)), pcm,
	} {
		out = append(out, part...)
	}
	return out
}

// service speaks as OpenAI's audio API does: it hears said, and speaks by writing SPOKEN before the text.
func service(t *testing.T, said string) string {
	t.Helper()
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Authorization") != "Bearer sk-voice" {
			w.WriteHeader(http.StatusUnauthorized)
			io.WriteString(w, `{"error": {"message": "Incorrect API key provided"}}`)
			return
		}
		switch r.URL.Path {
		case "/v1/audio/transcriptions":
			f, h, err := r.FormFile("file")
			if err != nil {
				http.Error(w, err.Error(), http.StatusBadRequest)
				return
			}
			b, _ := io.ReadAll(f)
			if string(b) != string(wav()) || h.Filename != "speech.wav" || r.FormValue("model") != "whisper-1" {
				http.Error(w, "it is not what was recorded", http.StatusBadRequest)
				return
			}
			w.Header().Set("Content-Type", "application/json")
			_ = json.NewEncoder(w).Encode(map[string]string{"text": said})
		case "/v1/audio/speech":
			var q map[string]string
			if json.NewDecoder(r.Body).Decode(&q) != nil || q["model"] != "tts-1" || q["voice"] != "nova" || q["response_format"] != "mp3" {
				http.Error(w, "bad request", http.StatusBadRequest)
				return
			}
			io.WriteString(w, "SPOKEN "+q["input"])
		}
	}))
	t.Cleanup(s.Close)
	return s.URL + "/v1"
}

func start(t *testing.T, make func(component.Spec) (component.Kind, error), dir string, config map[string]any, turns *turn.Client) component.Kind {
	t.Helper()
	spec := component.Spec{Name: "ear", Kind: "input", Config: config, App: component.App{Dir: dir, Tag: "t"}}
	k, err := make(spec)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := k.Start(t.Context(), component.Env{Spec: spec, Log: slog.New(slog.DiscardHandler), Turns: turns}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = k.Close(context.Background()) })
	return k
}

func recorded(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "speech.wav"), wav(), 0o600); err != nil {
		t.Fatal(err)
	}
	return dir
}

func TestWhatIsSaidIsTheTextOfATurn(t *testing.T) {
	t.Parallel()
	config := map[string]any{"api_key": "sk-voice", "base_url": service(t, " What time is it? "), "recorder": []any{"cat", "speech.wav"}}
	k := start(t, voice.New, recorded(t), config, nil)
	for text, want := range map[string]string{"/talk": "What time is it?", " typed  ": " typed  "} {
		if r, err := k.Handle(t.Context(), component.Task{Body: []byte(text)}); err != nil || string(r.Body) != want {
			t.Errorf("%q: %q, %v", text, r.Body, err)
		}
	}
}

func TestWhatCannotBeHeardSaysWhatToDo(t *testing.T) {
	t.Parallel()
	good := service(t, "")
	for want, c := range map[string]map[string]any{
		"nothing was said":                      {"base_url": good, "api_key": "sk-voice", "recorder": []any{"cat", "speech.wav"}},
		"the api_key is wrong":                  {"base_url": good, "api_key": "sk-other", "recorder": []any{"cat", "speech.wav"}},
		"ended with exit status":                {"base_url": good, "api_key": "sk-voice", "recorder": []any{"cat", "gone.wav"}},
		"another program for sound is named by": {"base_url": good, "api_key": "sk-voice", "recorder": []any{"no-such-recorder"}},
		"cannot be reached":                     {"base_url": "http://127.0.0.1:1/v1", "api_key": "sk-voice", "recorder": []any{"cat", "speech.wav"}},
		"it took longer than 200ms":             {"base_url": good, "api_key": "sk-voice", "recorder": []any{"sleep", "60"}, "timeout": 0.2},
	} {
		k := start(t, voice.New, recorded(t), c, nil)
		if _, err := k.Handle(t.Context(), component.Task{Body: []byte("/talk")}); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v: %v, want %q", c["recorder"], err, want)
		}
	}
}

// turns is a bus on which every turn is answered, and told.
type turns struct {
	bus.Bus
	mu   sync.Mutex
	told chan string
}

func (b *turns) Call(_ context.Context, to string, m event.Message, _ func(event.Message)) (event.Message, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	select {
	case b.told <- to + ": " + string(m.Body):
	default:
	}
	return event.Message{Header: event.Header{Type: event.TypeEnd}, Body: event.Payload(event.End{Status: event.StatusOK})}, nil
}

func TestAfterTheKeywordTheAppIsAsked(t *testing.T) {
	t.Parallel()
	for said, want := range map[string]string{"Hey, Computer! Lights on.": "ear: Lights on.", "hey computer": ""} {
		b := &turns{told: make(chan string, 1)}
		dir := recorded(t)
		// It records once; then nobody speaks.
		recorder := []any{"sh", "-c", "mkdir once 2>/dev/null && exec cat speech.wav; touch quiet; exec sleep 60"}
		start(t, voice.New, dir, map[string]any{"api_key": "sk-voice", "keyword": "hey computer", "base_url": service(t, said), "recorder": recorder}, &turn.Client{Bus: b})
		if want == "" {
			continue // it ends although its recorder does not
		}
		select {
		case got := <-b.told:
			if got != want {
				t.Errorf("%q: %q", said, got)
			}
		case <-t.Context().Done():
			t.Fatal("nobody was asked")
		}
	}
}

func TestATriggerBeginsARecording(t *testing.T) {
	t.Parallel()
	b := &turns{told: make(chan string, 1)}
	start(t, voice.New, recorded(t), map[string]any{
		"api_key": "sk-voice", "base_url": service(t, "hello"), "recorder": []any{"cat", "speech.wav"},
		"trigger": []any{"sh", "-c", "mkdir once 2>/dev/null || exec sleep 60"},
	}, &turn.Client{Bus: b})
	select {
	case got := <-b.told:
		if got != "ear: hello" {
			t.Error(got)
		}
	case <-t.Context().Done():
		t.Fatal("nobody was asked")
	}
}

func TestAnswersAreSpoken(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	config := map[string]any{"api_key": "sk-voice", "base_url": service(t, ""), "player": []any{"tee", "played"}}
	k := start(t, voice.NewOutput, dir, config, nil)
	r, err := k.Handle(t.Context(), component.Task{Body: []byte("It is noon.\n")})
	b, _ := os.ReadFile(filepath.Join(dir, "played"))
	if err != nil || string(r.Body) != "It is noon." || string(b) != "SPOKEN It is noon." {
		t.Errorf("answer %q, played %q, %v", r.Body, b, err)
	}
	config = map[string]any{"offline": true, "player": []any{"no-such-player"}}
	if r, err := start(t, voice.NewOutput, dir, config, nil).Handle(t.Context(), component.Task{Body: []byte("silent")}); err != nil || string(r.Body) != "silent" {
		t.Errorf("offline: %q, %v", r.Body, err)
	}
}
