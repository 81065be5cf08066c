package knowledge

import (
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"strings"
)

func errSource(path string, err error) error {
	if errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("file_to_embed: %s is not there; write the path of a file or directory, relative to the .ww file", path)
	}
	return fmt.Errorf("file_to_embed: %w", err)
}

func errNoSource() error {
	return errors.New("it has nothing to read in: set file_to_embed to a file or directory")
}

func errBusy(dir string) error {
	return fmt.Errorf("another process is writing to %s; try again when it is done", dir)
}

func errFormat(path string) error {
	return fmt.Errorf("%s is not a store of this version of ww; remove it and read the documents in again: ww embed", path)
}

func errDims(was, is int) error {
	return fmt.Errorf("its vectors have %d numbers and this one has %d: the embedding model was changed; read the documents in again: ww embed --clear, then ww embed", was, is)
}

func errUnreachable(url string, err error) error {
	return fmt.Errorf("%s cannot be reached: %w; check the address and whether it runs", url, err)
}

func errNeo4jAway(url string, err error) error {
	return fmt.Errorf("%s cannot be reached: %w; is the server running? its HTTP address can be set with http_uri", url, err)
}

func errNeo4jRefuses(url string) error { return fmt.Errorf("%s refuses user and password", url) }

func errService(url, model string, status int, body []byte) error {
	switch status {
	case http.StatusUnauthorized, http.StatusForbidden:
		return fmt.Errorf("%s refuses the api_key (%d): check its value", url, status)
	case http.StatusNotFound:
		return fmt.Errorf("%s has no embedding model %q (404): check model and base_url", url, model)
	case http.StatusTooManyRequests:
		return fmt.Errorf("%s takes no more for now (429): %s", url, short(body))
	}
	return fmt.Errorf("%s answered %d: %s", url, status, short(body))
}

func errNoVectors(url, what string) error {
	return fmt.Errorf("%s answered what are no vectors: %s", url, what)
}

func errChroma(url, what string) error {
	return fmt.Errorf("the Chroma server %s: %s", url, what)
}

// short is what a service said, on one line.
func short(body []byte) string {
	const most = 300
	s := strings.Join(strings.Fields(strings.ToValidUTF8(string(body), "\uFFFD")), " ")
	if r := []rune(s); len(r) > most {
		return string(r[:most]) + "…"
	}
	return s
}
