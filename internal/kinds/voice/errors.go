package voice

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"strings"
	"time"

	"github.com/woodwork-lang/ww/internal/script"
)

func errAddress(name string) error {
	return fmt.Errorf(`component %q: property "base_url" must be an http or https address, as in base_url: "http://127.0.0.1:8000/v1"`, name)
}

func errNoKey(name string) error {
	return fmt.Errorf("%s: there is no api_key for the audio service; set OPENAI_API_KEY, or try: ww dev --offline", name)
}

func errReach(name, at string, err error) error {
	var u *url.Error
	if errors.As(err, &u) {
		err = u.Err
	}
	return fmt.Errorf("%s: %s cannot be reached: %w; look at the network and at base_url, or try: ww dev --offline", name, at, err)
}

func errRefused(name, status string, code int, page []byte) error {
	var said struct {
		Error struct {
			Message string `json:"message"`
		} `json:"error"`
	}
	why, advice := "", ""
	if json.Unmarshal(page, &said) == nil && said.Error.Message != "" {
		why = ": " + said.Error.Message
	}
	if code == 401 || code == 403 {
		advice = "; the api_key is wrong, or may not use this: look at the key, or try: ww dev --offline"
	}
	return fmt.Errorf("%s: the audio service answers %s%s%s", name, status, why, advice)
}

func errAnswer(name, at string) error {
	return fmt.Errorf("%s: %s answers, but not as an audio service does; is it the address of one?", name, at)
}

func errSilence(name string) error { return fmt.Errorf("%s: nothing was said", name) }

func errLimit(name string, limit time.Duration) error {
	return fmt.Errorf("%s: it took longer than %s", name, limit)
}

func errProgram(err error) error {
	return fmt.Errorf("%w; another program for sound is named by recorder, trigger or player", err)
}

func errEnded(argv []string, e script.Exit) error {
	return fmt.Errorf("%s ended with %s; what it wrote is in the log", strings.Join(argv[:min(len(argv), 1)], ""), e)
}

func errTooMuch(argv []string) error {
	return fmt.Errorf("%s wrote more than %d MB of sound; let it end when nobody speaks", strings.Join(argv[:min(len(argv), 1)], ""), mostSound>>20)
}
