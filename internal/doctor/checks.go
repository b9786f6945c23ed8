package doctor

import (
	"fmt"
	"strconv"
	"strings"
)

// inContainer says how to get virtual time on other systems. Docker's default profile permits
// ptrace, but pidfd_getfd only with SYS_PTRACE: https://docs.docker.com/engine/security/seccomp/.
const inContainer = "run chaosrun in a Linux container: docker run --cap-add SYS_PTRACE …; a run that is refused " +
	"prints the whole command"

// The required kernels: seccomp stops come after ptrace's since 4.8, and pidfd_getfd exists since
// 5.6.
const (
	needsMajor, needsMinor = 4, 8
	getfdMajor, getfdMinor = 5, 6
)

// system checks the operating system, the architecture and the kernel.
func system(m Machine) Check {
	c := Check{Name: "system", OK: true, Found: m.OS + "/" + m.Arch}
	const costs = "processes have real time: run --target and exec wait as long as the engine does"
	switch {
	case m.OS != linux:
		return Check{
			Name: c.Name, Found: c.Found + ", and virtual time for processes needs Linux", Costs: costs,
			Do: inContainer,
		}
	case m.Arch != "amd64" && m.Arch != "arm64":
		return Check{
			Name: c.Name, Found: c.Found + ", and virtual time for processes needs amd64 or arm64", Costs: costs,
			Do: "use --clock wall",
		}
	case m.Kernel == "":
		return c
	}
	c.Found += ", kernel " + m.Kernel
	if before(m.Kernel, needsMajor, needsMinor) {
		return Check{
			Name: c.Name, Found: fmt.Sprintf("%s, older than %d.%d", c.Found, needsMajor, needsMinor), Costs: costs,
			Do: "use a newer kernel, or --clock wall",
		}
	}
	return c
}

// before reports whether a kernel is older than major.minor. It is false for an unreadable version.
func before(kernel string, major, minor int) bool {
	parts := strings.SplitN(kernel, ".", 3)
	if len(parts) < 2 {
		return false
	}
	a, err := strconv.Atoi(parts[0])
	if err != nil {
		return false
	}
	b, err := strconv.Atoi(strings.TrimRightFunc(parts[1], func(r rune) bool { return r < '0' || r > '9' }))
	return err == nil && (a < major || a == major && b < minor)
}

// tracing checks whether a trial run in virtual time did what it should.
func tracing(m Machine) Check {
	c := Check{Name: "ptrace, seccomp", OK: m.Virtual == nil, Found: "a trial sleep of 15 minutes took a moment"}
	if m.PtraceScope != "" {
		c.Found += ", kernel.yama.ptrace_scope is " + m.PtraceScope
	}
	if m.Virtual == nil {
		return c
	}
	if m.Accounts != nil {
		return Check{Name: c.Name, OK: true, Found: "not tried"}
	}
	c.Found = m.Virtual.Error()
	c.Costs = "no virtual time and no xK for processes: runs of up to a minute take real time, longer ones need " +
		"--clock wall"
	switch {
	case m.OS != linux:
		c.Do = inContainer
	case m.PtraceScope == "3":
		c.Do = "set kernel.yama.ptrace_scope to 2 or less at boot: 3 cannot be undone while the system runs"
	case m.Container != "" || m.Filtered:
		c.Do = "start the container with --cap-add SYS_PTRACE, or with --security-opt seccomp=unconfined"
	case m.PtraceScope == "2":
		c.Do = "run as root, or: sysctl kernel.yama.ptrace_scope=1"
	default:
		c.Do = "see what forbids ptrace or seccomp: SELinux's deny_ptrace, AppArmor, a service's SystemCallFilter"
	}
	return c
}

// accounting checks that the kernel tells sleeping threads from running ones.
func accounting(m Machine) Check {
	c := Check{
		Name: "sleeping threads", OK: m.Accounts == nil, Found: "/proc/PID/schedstat and /proc/PID/syscall can be read",
	}
	if m.Accounts != nil {
		c.Found = m.Accounts.Error()
		c.Costs = "the clock could jump while a thread is about to work, so processes have real time"
		c.Do = "use a kernel with CONFIG_SCHED_INFO and CONFIG_HAVE_ARCH_TRACEHOOK, as distributions build it; " +
			"gVisor has neither"
	}
	return c
}

// handles checks whether the tracer can hold the timers that are descriptors.
func handles(m Machine) Check {
	c := Check{Name: "timerfd", OK: m.Descriptors == nil, Found: "pidfd_getfd works"}
	if m.Descriptors == nil {
		return c
	}
	c.Found = m.Descriptors.Error()
	c.Costs = "a timerfd stays in real time, so runs of engines that use one are unknown; other runs are exact"
	c.Do = "start the container with --cap-add SYS_PTRACE"
	if before(m.Kernel, getfdMajor, getfdMinor) {
		c.Do = fmt.Sprintf("use a kernel of %d.%d or newer", getfdMajor, getfdMinor)
	}
	return c
}

// namespaces checks whether engines can have a network of their own.
func namespaces(m Machine) Check {
	c := Check{Name: "own network", OK: m.Network == nil, Found: "engines have a network of loopback only"}
	if m.Network == nil {
		return c
	}
	c.Found = m.Network.Error()
	c.Costs = "engines can reach other machines, and --network loopback only warns; a run in virtual time that does " +
		"so is unknown"
	switch {
	case m.Container != "" || m.Filtered:
		c.Do = "start the container with --security-opt seccomp=unconfined, or with --network none"
	default:
		c.Do = "run as root, or permit user namespaces: sysctl kernel.apparmor_restrict_unprivileged_userns=0 " +
			"(Ubuntu), kernel.unprivileged_userns_clone=1 (Debian)"
	}
	return c
}

// acknowledgements checks whether TCP can be kept from holding data back.
func acknowledgements(m Machine) Check {
	c := Check{
		Name: "quick acks", OK: m.QuickAck == nil, Found: "loopback acknowledges at once in an engine's own network",
	}
	if m.QuickAck != nil {
		c.Found = m.QuickAck.Error()
		c.Costs = "a writer without TCP_NODELAY waits 40 ms of real time for an acknowledgement; chaosrun asks the " +
			"kernel before each longer jump, which costs 0.3 ms"
		c.Do = "the same as for own network"
	}
	return c
}

// processors says how trees share the processors.
func processors(m Machine) Check {
	c := Check{Name: "processors", OK: true, Found: fmt.Sprintf("%d; an engine and its tracer share one", m.CPUs)}
	if m.CPUs == 1 {
		c.Found = "1; an engine and its tracer share it, and so would parallel engines"
	}
	return c
}
