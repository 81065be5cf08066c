package diag

import (
	"slices"
	"strings"
)

// Code is one thing that can be wrong, as it is explained when no file is at hand.
type Code struct {
	Name  string // stable, as in "E_UNKNOWN_REF"
	Title string // what is wrong, one line, lower case
	Why   string // when it is reported, and what ww does then

	// Wrong has the problem and Right has not; both are as small as can be. About says what they are.
	Wrong, Right string
	About        About
}

// About is what the examples of a [Code] are.
type About uint8

// What examples can be.
const (
	Source  About = iota // a whole .ww file
	Dotenv               // a .env file
	Script               // a file for a scripted component
	Command              // a line for a shell
)

// Severity is what problems of this code are.
func (c Code) Severity() Severity {
	if strings.HasPrefix(c.Name, "W_") {
		return Warning
	}
	return Error
}

// Codes are all codes that ww reports, in the order of the docs: form, names, kinds and values, files, scripts.
func Codes() []Code {
	return slices.Concat(formCodes(), nameCodes(), kindCodes(), valueCodes(), fileCodes(), scriptCodes())
}

// FindCode is the code with this name, in any case, with or without its E_ or W_.
func FindCode(name string) (Code, bool) {
	name = strings.ToUpper(strings.TrimSpace(name))
	for _, c := range Codes() {
		if c.Name == name || c.Name[len("E_"):] == name {
			return c, true
		}
	}
	return Code{}, false
}
