package localbus

import (
	"os"
	"strings"
)

// idLength is how many hex digits the id of a container has.
const idLength = 64

// containerID is the id of the container that this process runs in, as its control group or its mounts name it; "" when
// there is none.
func containerID() string {
	for _, path := range []string{"/proc/self/cgroup", "/proc/self/mountinfo"} {
		if b, err := os.ReadFile(path); err == nil {
			if id := containerIn(string(b)); id != "" {
				return id
			}
		}
	}
	return ""
}

// containerIn finds an id as the last part of a control group, or below a directory of containers.
func containerIn(text string) string {
	for line := range strings.Lines(text) {
		for field := range strings.FieldsSeq(line) {
			if len(field) < idLength {
				continue
			}
			parts := strings.FieldsFunc(field, func(r rune) bool { return r == '/' || r == '-' || r == '.' || r == ':' })
			for i, part := range parts {
				below := i == len(parts)-1 || parts[i+1] == "scope" || i > 0 && parts[i-1] == "containers"
				if below && len(part) == idLength && strings.Trim(part, "0123456789abcdef") == "" {
					return part
				}
			}
		}
	}
	return ""
}
