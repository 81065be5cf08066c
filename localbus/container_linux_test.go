package localbus

import (
	"strings"
	"testing"
)

func TestContainerIsNamedByGroupOrMount(t *testing.T) {
	id := strings.Repeat("0123abcd", 8)
	tests := []struct{ name, text, want string }{
		{"docker, groups of version 1", "11:devices:/docker/" + id + "\n10:pids:/docker/" + id + "\n", id},
		{"docker under systemd", "0::/system.slice/docker-" + id + ".scope\n", id},
		{"podman", "0::/user.slice/user-1000.slice/user@1000.service/user.slice/libpod-" + id + ".scope/container\n", id},
		{"kubernetes", "0::/kubepods.slice/kubepods-burstable.slice/cri-containerd-" + id + ".scope\n", id},
		{"a mount", "580 560 254:1 /var/lib/docker/containers/" + id + "/hostname /etc/hostname rw - ext4 /dev/vda1 rw\n", id},
		{"a namespace of its own", "0::/\n", ""},
		{"a session", "0::/user.slice/user-1000.slice/session-3.scope\n", ""},
		{"an overlay is no container", "36 35 0:30 /var/lib/overlay2/" + id + "/merged / rw - overlay overlay rw\n", ""},
		{"too short", "0::/docker/" + id[:63] + "\n", ""},
	}
	for _, tt := range tests {
		if got := containerIn(tt.text); got != tt.want {
			t.Errorf("%s: %q, want %q", tt.name, got, tt.want)
		}
	}
}
