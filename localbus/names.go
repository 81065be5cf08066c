package localbus

import (
	"crypto/rand"
	"strings"
)

// shortLen bounds the readable part of an instance's name: sockets have short paths.
const shortLen = 8

// NewInstance makes the name of a new instance: up to eight letters of the component and four random ones.
func NewInstance(component string) string {
	return shortName(component) + "-" + strings.ToLower(rand.Text()[:4])
}

// shortName is the readable part of an instance's name.
func shortName(component string) string {
	b := make([]byte, 0, shortLen)
	for i := 0; i < len(component) && len(b) < shortLen; i++ {
		c := component[i]
		if c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '_' {
			b = append(b, c)
		}
	}
	if len(b) == 0 {
		return "x"
	}
	return string(b)
}

// validInstance says whether name can be part of a file name here.
func validInstance(name string) bool {
	if name == "" || len(name) > 64 || name[0] == '.' {
		return false
	}
	return !strings.ContainsAny(name, "/\x00")
}
