//go:build !linux

package supervisor

import (
	"os"
	"syscall"
)

func childAttr(Spec, *int) *syscall.SysProcAttr { return &syscall.SysProcAttr{Setsid: true} }

func memoryFile() (*os.File, error) { return temporaryFile() }
