package cli

import (
	"bytes"
	"os"
	"strconv"
)

// parentName is the command name of the process that started us.
func parentName() string {
	b, err := os.ReadFile("/proc/" + strconv.Itoa(os.Getppid()) + "/comm")
	if err != nil {
		return ""
	}
	return string(bytes.TrimSpace(b))
}
