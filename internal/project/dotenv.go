package project

import (
	"bytes"
	"errors"
	"io/fs"
	"regexp"
	"strings"
	"sync"
	"unicode/utf8"

	"github.com/woodwork-lang/ww/internal/diag"
)

// The rules of .env are those of python-dotenv, because existing projects were written for it: `export` is allowed,
// blanks around = too, ' and " may span lines, only " and ' decode escapes, ${NAME} and ${NAME:-default} are replaced
// (the environment wins over the file), $NAME is not.
//
// No library has them. Of 114 small files, godotenv 1.5.1 reads 50 otherwise than python-dotenv, and 15 of those not at
// all; the reader of compose-go 2.16.2 reads 35 otherwise, 16 not at all. Both replace $NAME (passwords have dollars),
// read `A` alone as a variable without a name, and drop the whole file for one bad line, of which they show the text. What is
// here reads three otherwise: it skips a byte order mark, and lines whose name is none.

// maxDotenv is the largest .env that is read.
const maxDotenv = 1 << 20

// dotenv reads a .env file. One that is missing is an empty one, unless somebody has named it. The result has only what
// env does not set.
func dotenv(name string, env Lookup, named bool) (map[string]Secret, diag.List) {
	f, size, err := openRegular(name)
	switch {
	case errors.Is(err, fs.ErrNotExist) && named:
		return nil, diag.List{noEnvFile(name)}
	case errors.Is(err, fs.ErrNotExist):
		return nil, nil
	case err != nil:
		return nil, diag.List{dotenvFile(name, reason(err), named)}
	}
	defer f.Close()
	src, err := settledText(f, size, maxDotenv)
	if err != nil {
		return nil, diag.List{dotenvFile(name, reason(err), named)}
	}
	if isUTF16(src) {
		return nil, diag.List{dotenvFile(name, errUTF16, named)}
	}
	text := lineEnds.Replace(strings.TrimPrefix(string(src), "\ufeff"))
	s := &dotenvScanner{name: name, rest: text, line: 1, vars: map[string]Secret{}, env: env}
	for s.rest != "" {
		s.entry()
	}
	return s.vars, s.diags
}

var errUTF16 = errors.New("it is UTF-16, as PowerShell writes it; save it as UTF-8")

func isUTF16(text []byte) bool {
	return bytes.HasPrefix(text, []byte("\xff\xfe")) || bytes.HasPrefix(text, []byte("\xfe\xff")) || len(text) > 1 && (text[0] == 0 || text[1] == 0)
}

var lineEnds = strings.NewReplacer("\r\n", "\n", "\r", "\n")

type dotenvScanner struct {
	name  string
	rest  string
	line  int
	vars  map[string]Secret
	env   Lookup
	diags diag.List
}

// entry reads one line, or several when a quoted value goes on.
func (s *dotenvScanner) entry() {
	line, _, _ := strings.Cut(s.rest, "\n")
	text := strings.TrimSpace(line)
	if text == "" || strings.HasPrefix(text, "#") {
		s.skip(len(line))
		return
	}
	if rest, ok := strings.CutPrefix(text, "export"); ok && strings.TrimLeft(rest, " \t") != rest {
		text = strings.TrimLeft(rest, " \t")
	}
	key, value, ok := strings.Cut(text, "=")
	key = strings.Trim(strings.TrimSpace(key), "'")
	switch {
	case key == "" || strings.ContainsAny(key, " \t\"'#"):
		s.bad(line, "this is not a variable")
		return
	case !ok: // a name alone means nothing, as in python-dotenv
		s.skip(len(line))
		return
	}
	value = strings.TrimLeft(value, " \t")
	if value == "" || (value[0] != '"' && value[0] != '\'') {
		s.set(key, plain(value))
		s.skip(len(line))
		return
	}
	s.quoted(key, value, line)
}

// quoted reads a value that may go over several lines. value is what follows the = on the first one.
func (s *dotenvScanner) quoted(key, value, line string) {
	at := strings.LastIndex(line, value)
	body := s.rest[at+1:]
	end := closing(body, value[0])
	if end < 0 {
		s.bad(line, "the quote is never closed")
		return
	}
	after, _, _ := strings.Cut(body[end+1:], "\n")
	if tail := strings.TrimSpace(after); tail != "" && !strings.HasPrefix(tail, "#") {
		s.bad(line, "there is text after the closing quote")
		return
	}
	s.set(key, decode(body[:end], value[0]))
	s.skip(at + 1 + end + 1 + len(after))
}

// closing is where the quote ends, or -1. A quote behind a backslash ends it only when no other one does, as in
// A="C:\dir\".
func closing(body string, quote byte) int {
	for i := 0; i < len(body); i++ {
		switch body[i] {
		case '\\':
			i++
		case quote:
			return i
		}
	}
	return strings.LastIndexByte(body, quote)
}

// plain is a value without quotes: up to a comment, which is a # behind a blank, without the blanks around it.
func plain(value string) string {
	for i := 1; i < len(value); i++ {
		if value[i] == '#' && strings.IndexByte(" \t\f\r\n", value[i-1]) >= 0 {
			value = value[:i]
		}
	}
	return strings.TrimSpace(value)
}

func decode(body string, quote byte) string {
	pairs := []string{`\\`, `\`, `\'`, `'`}
	if quote == '"' {
		pairs = append(pairs, `\"`, `"`, `\n`, "\n", `\r`, "\r", `\t`, "\t", `\a`, "\a", `\b`, "\b", `\f`, "\f", `\v`, "\v")
	}
	return strings.NewReplacer(pairs...).Replace(body)
}

var placeholder = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`\$\{([^}:]*)(:-([^}]*))?\}`) })

// set keeps a variable. One that the environment has is not set again.
func (s *dotenvScanner) set(key, value string) {
	if strings.Contains(value, "${") {
		value = placeholder().ReplaceAllStringFunc(value, s.placeholder)
	}
	if s.env != nil {
		if _, ok := s.env(key); ok {
			return
		}
	}
	s.vars[key] = Secret(value)
}

func (s *dotenvScanner) placeholder(text string) string {
	part := placeholder().FindStringSubmatch(text)
	if v, ok := over(s.env, s.vars)(part[1]); ok {
		return v
	}
	return part[3]
}

// skip leaves n bytes and the end of their line behind.
func (s *dotenvScanner) skip(n int) {
	s.line += strings.Count(s.rest[:n], "\n") + 1
	s.rest = strings.TrimPrefix(s.rest[n:], "\n")
}

// bad reports the current line, which is then skipped. The line itself is never shown: it may hold a secret.
func (s *dotenvScanner) bad(line, what string) {
	start := diag.Pos{Line: s.line, Col: 1}
	end := diag.Pos{Line: s.line, Col: 1 + utf8.RuneCountInString(strings.TrimRight(line, "\r"))}
	s.diags = append(s.diags, dotenvLine(diag.Span{File: s.name, Start: start, End: end}, what))
	s.skip(len(line))
}
