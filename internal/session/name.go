package session

import (
	"crypto/sha256"
	"encoding/hex"
	"strings"
)

const (
	ext     = ".jsonl"
	maxName = 120 // bytes of a file name without ext
)

// fileName is the name of a session's file. Whoever asks chooses the session's id, so it may hold anything: lower-case
// letters, digits and a few signs stand for themselves, the rest is %XX (capitals too: some file systems do not tell
// them apart). What gets too long ends in a hash; the file itself says the whole id.
func fileName(id string) string {
	const hexDigits = "0123456789abcdef"
	var b strings.Builder
	for i := range len(id) {
		c := id[i]
		if c >= 'a' && c <= 'z' || c >= '0' && c <= '9' || c == '-' || c == '_' || c == '.' && i > 0 {
			b.WriteByte(c)
			continue
		}
		b.Write([]byte{'%', hexDigits[c>>4], hexDigits[c&15]})
	}
	name := b.String()
	if len(name) > maxName {
		sum := sha256.Sum256([]byte(id))
		name = name[:maxName-17] + "~" + hex.EncodeToString(sum[:8])
	}
	return name + ext
}

// nameID is the id that a file name stands for; false when only the file can say it.
func nameID(name string) (string, bool) {
	name, ok := strings.CutSuffix(name, ext)
	if !ok || strings.Contains(name, "~") {
		return "", false
	}
	var b strings.Builder
	for i := 0; i < len(name); i++ {
		if name[i] != '%' {
			b.WriteByte(name[i])
			continue
		}
		if i+2 >= len(name) {
			return "", false
		}
		c, err := hex.DecodeString(name[i+1 : i+3])
		if err != nil {
			return "", false
		}
		b.Write(c)
		i += 2
	}
	return b.String(), true
}
