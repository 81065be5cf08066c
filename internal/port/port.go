// Package port says who listens on a TCP port of this machine.
package port

import (
	"regexp"
	"slices"
	"strconv"
)

// Holder is who listens on a port. PID is 0 when the system does not say who it is, because it belongs to another user.
type Holder struct {
	Port    int    `json:"port"`
	PID     int    `json:"pid"`
	UID     int    `json:"uid"`
	Command string `json:"command"`
}

// Complaints finds the ports that a program could not have, in what it said: "address already in use" and its relatives.
func Complaints(lines []string) []int {
	inUse := regexp.MustCompile(`(?i)address (is )?already in use|EADDRINUSE|port .{0,20}(is )?(already )?in use|Errno 98|Only one usage of each socket address`)
	number := regexp.MustCompile(`(?i)(?:port|:|,)\s*['"]?(\d{2,5})(?:[^.\d]|$)`)
	var ports []int
	for _, line := range lines {
		if !inUse.MatchString(line) {
			continue
		}
		for _, m := range number.FindAllStringSubmatch(line, -1) {
			n, err := strconv.Atoi(m[1])
			if err == nil && n <= 65535 && n != 98 && n != 48 && !slices.Contains(ports, n) { // 98, 48: the number of the error
				ports = append(ports, n)
			}
		}
	}
	return ports
}
