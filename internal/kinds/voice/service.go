package voice

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"io"
	"mime/multipart"
	"net/http"
	"net/textproto"
	"net/url"
	"os"
	"strings"

	"github.com/woodwork-lang/ww/internal/kinds/property"
)

const (
	defaultURL = "https://api.openai.com/v1"
	mostSound  = 25 << 20 // bytes of a recording or of speech
)

// service is the audio API of OpenAI, or of one that speaks as it does.
type service struct {
	name, url, key string
	offline        bool
	client         http.Client
}

func serviceOf(name string, v property.Values) (*service, error) {
	s := &service{name: name}
	var errURL, errKey, errOffline error
	s.url, errURL = v.Text("base_url", defaultURL)
	s.key, errKey = v.Text("api_key", "")
	s.offline, errOffline = v.Bool("offline")
	if err := errors.Join(errURL, errKey, errOffline); err != nil {
		return nil, err
	}
	s.key = cmp.Or(s.key, os.Getenv("OPENAI_API_KEY")) // as the Python engine took it
	s.url = strings.TrimRight(s.url, "/")
	if u, err := url.Parse(s.url); err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
		return nil, errAddress(name)
	}
	return s, nil
}

// heard is what is said in a recording.
func (s *service) heard(ctx context.Context, model string, wav []byte) (string, error) {
	var form bytes.Buffer
	w := multipart.NewWriter(&form)
	h := textproto.MIMEHeader{}
	h.Set("Content-Disposition", `form-data; name="file"; filename="speech.wav"`)
	h.Set("Content-Type", "audio/wav")
	part, err := w.CreatePart(h)
	if err == nil {
		_, err = part.Write(wav)
	}
	if err := errors.Join(err, w.WriteField("model", model), w.WriteField("response_format", "json"), w.Close()); err != nil {
		return "", err
	}
	b, err := s.post(ctx, "/audio/transcriptions", w.FormDataContentType(), form.Bytes())
	if err != nil {
		return "", err
	}
	var said struct {
		Text *string `json:"text"`
	}
	if json.Unmarshal(b, &said) != nil || said.Text == nil {
		return "", errAnswer(s.name, s.url)
	}
	return strings.TrimSpace(*said.Text), nil
}

// speech is a text as sound.
func (s *service) speech(ctx context.Context, model, voice, format, text string) ([]byte, error) {
	b, err := json.Marshal(map[string]string{"model": model, "voice": voice, "input": text, "response_format": format})
	if err != nil {
		return nil, err
	}
	return s.post(ctx, "/audio/speech", "application/json", b)
}

func (s *service) post(ctx context.Context, path, typ string, body []byte) ([]byte, error) {
	if s.key == "" && s.url == defaultURL {
		return nil, errNoKey(s.name)
	}
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, s.url+path, bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	r.Header.Set("Content-Type", typ)
	if s.key != "" {
		r.Header.Set("Authorization", "Bearer "+s.key)
	}
	resp, err := s.client.Do(r)
	if err != nil {
		return nil, errReach(s.name, s.url, err)
	}
	defer resp.Body.Close()
	b, err := io.ReadAll(io.LimitReader(resp.Body, mostSound+1))
	switch {
	case err != nil:
		return nil, errReach(s.name, s.url, err)
	case resp.StatusCode/100 != 2:
		return nil, errRefused(s.name, resp.Status, resp.StatusCode, b)
	case len(b) > mostSound:
		return nil, errAnswer(s.name, s.url)
	}
	return b, nil
}
