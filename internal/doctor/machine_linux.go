package doctor

import (
	"bytes"
	"fmt"
	"os"
	"strings"

	"golang.org/x/sys/unix"
)

// look adds what only Linux has.
func (m *Machine) look() {
	var name unix.Utsname
	if unix.Uname(&name) == nil {
		m.Kernel = unix.ByteSliceToString(name.Release[:])
	}
	if scope, err := os.ReadFile("/proc/sys/kernel/yama/ptrace_scope"); err == nil {
		m.PtraceScope = strings.TrimSpace(string(scope))
	}
	if status, err := os.ReadFile("/proc/self/status"); err == nil {
		const filter = "\nSeccomp:\t2\n"
		m.Filtered = bytes.Contains(status, []byte(filter))
	}
	m.Container = container()
	m.Descriptors = descriptors()
}

// container returns what hints at a container, or "".
func container() string {
	for _, hint := range []struct{ file, name string }{{"/.dockerenv", "Docker"}, {"/run/.containerenv", "Podman"}} {
		if _, err := os.Stat(hint.file); err == nil {
			return hint.name
		}
	}
	if os.Getenv("KUBERNETES_SERVICE_HOST") != "" {
		return "Kubernetes"
	}
	return os.Getenv("container") // systemd's word, which nspawn and others set
}

// descriptors duplicates one of this process's own, as a tracer does with those of others.
func descriptors() error {
	pidfd, err := unix.PidfdOpen(os.Getpid(), 0)
	if err != nil {
		return fmt.Errorf("pidfd_open: %w", err)
	}
	defer unix.Close(pidfd) //nolint:errcheck // nothing was written
	own, err := unix.PidfdGetfd(pidfd, pidfd, 0)
	if err != nil {
		return fmt.Errorf("pidfd_getfd: %w", err)
	}
	return unix.Close(own)
}
