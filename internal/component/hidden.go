package component

import "github.com/woodwork-lang/ww/internal/secret"

// typeFailure is the type of an answer that says why a tool could not.
const typeFailure = "text/x-ww-failure"

// hidden takes the app's secrets out of what went wrong: libraries put addresses and headers into their errors, and what
// went wrong is shown to people and to models.
func (r *Runner) hidden(res Result, err error) (Result, error) {
	if len(r.spec.Secrets) == 0 || err == nil && res.ContentType != typeFailure {
		return res, err
	}
	mask := secret.New(r.spec.Secrets)
	if err != nil {
		if text := mask.Text(err.Error()); text != err.Error() {
			err = &hiddenError{text, err}
		}
		return res, err
	}
	res.Body = []byte(mask.Text(string(res.Body)))
	return res, nil
}

// hiddenError is an error without the secrets in its text.
type hiddenError struct {
	text string
	err  error
}

func (e *hiddenError) Error() string { return e.text }
func (e *hiddenError) Unwrap() error { return e.err }
