package knowledge

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// Service makes vectors by a service that speaks the embeddings protocol of OpenAI.
type Service struct {
	URL  string // of the service, without /embeddings
	Key  string
	Name string // of the model
	HTTP *http.Client
}

// How often and how long a service is asked.
const (
	serviceTries = 5
	firstWait    = 500 * time.Millisecond
	longestWait  = 20 * time.Second
	largestReply = 256 << 20
)

// Model implements Embedder.
func (s *Service) Model() string { return s.Name }

// Price implements Embedder.
func (s *Service) Price() (float64, bool) {
	if !strings.Contains(s.URL, "api.openai.com") {
		return 0, strings.Contains(s.URL, "://localhost") || strings.Contains(s.URL, "://127.0.0.1")
	}
	switch s.Name {
	case "text-embedding-3-large":
		return 0.13, true
	case "text-embedding-3-small":
		return 0.02, true
	case "text-embedding-ada-002":
		return 0.10, true
	}
	return 0, false
}

// Embed implements Embedder.
func (s *Service) Embed(ctx context.Context, texts []string) ([][]float32, error) {
	body, err := json.Marshal(map[string]any{"model": s.Name, "input": texts, "encoding_format": "float"})
	if err != nil {
		return nil, err
	}
	wait := firstWait
	for try := 1; ; try++ {
		vectors, later, err := s.once(ctx, body, len(texts))
		if err == nil || later < 0 || try == serviceTries {
			return vectors, err
		}
		wait = min(max(2*wait, later), longestWait)
		select {
		case <-ctx.Done():
			return nil, ctx.Err()
		case <-time.After(wait):
		}
	}
}

// once asks once; later is how long to wait before another try, below 0 when none would help.
func (s *Service) once(ctx context.Context, body []byte, n int) (vectors [][]float32, later time.Duration, err error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, s.URL+"/embeddings", bytes.NewReader(body))
	if err != nil {
		return nil, -1, err
	}
	req.Header.Set("Content-Type", "application/json")
	if s.Key != "" {
		req.Header.Set("Authorization", "Bearer "+s.Key)
	}
	res, err := s.HTTP.Do(req)
	if err != nil {
		if ctx.Err() != nil {
			return nil, -1, ctx.Err()
		}
		return nil, 0, errUnreachable(s.URL, err)
	}
	defer res.Body.Close()
	raw, err := io.ReadAll(io.LimitReader(res.Body, largestReply))
	if err != nil {
		return nil, 0, errUnreachable(s.URL, err)
	}
	if res.StatusCode != http.StatusOK {
		later = -1
		if res.StatusCode == http.StatusTooManyRequests || res.StatusCode >= 500 {
			later = 0
			if sec, err := strconv.ParseFloat(res.Header.Get("Retry-After"), 64); err == nil && sec > 0 && sec < 3600 {
				later = time.Duration(sec * float64(time.Second))
			}
		}
		return nil, later, errService(s.URL, s.Name, res.StatusCode, raw)
	}
	var answer struct {
		Data []struct {
			Index     int       `json:"index"`
			Embedding []float32 `json:"embedding"`
		} `json:"data"`
	}
	if err := json.Unmarshal(raw, &answer); err != nil {
		return nil, -1, errNoVectors(s.URL, err.Error())
	}
	vectors = make([][]float32, n)
	for _, d := range answer.Data {
		if d.Index < 0 || d.Index >= n {
			return nil, -1, errNoVectors(s.URL, fmt.Sprintf("it answered for text %d of %d", d.Index+1, n))
		}
		vectors[d.Index] = d.Embedding
	}
	for i, v := range vectors {
		if len(v) == 0 {
			return nil, -1, errNoVectors(s.URL, fmt.Sprintf("nothing came for text %d of %d", i+1, n))
		}
	}
	return vectors, 0, nil
}
