package doctor_test

import (
	"encoding/json"
	"errors"
	"os"
	"strings"
	"testing"

	"github.com/chaosrun/chaosrun/internal/doctor"
	"github.com/chaosrun/chaosrun/internal/process"
	"github.com/chaosrun/chaosrun/internal/proctime"
)

func TestMain(m *testing.M) {
	proctime.Main()
	process.Main()
	m.Run()
}

// good is a machine on which everything works.
func good() doctor.Machine {
	return doctor.Machine{OS: "linux", Arch: "amd64", CPUs: 4, Kernel: "6.8.0-45-generic", PtraceScope: "1"}
}

// clock returns a clock of the diagnosis for processes.
func clock(t *testing.T, d doctor.Diagnosis, name string) doctor.Clock {
	t.Helper()
	for _, c := range d.Clocks {
		if c.Name == name && strings.HasPrefix(c.For, "processes") {
			return c
		}
	}
	t.Fatalf("no clock %s in %v", name, d.Clocks)
	return doctor.Clock{}
}

// TestCauses injects each cause into a machine that is well. Its check must fail, say what that
// costs and what to do, and the others must not; virtual says whether virtual time is gone too.
func TestCauses(t *testing.T) {
	refused := &proctime.UnsupportedError{Reason: "the system forbids ptrace: operation not permitted"}
	eperm := errors.New("operation not permitted")
	for _, tt := range []struct {
		name, check, do string
		virtual, paced  bool
		inject          func(*doctor.Machine)
	}{
		{"macOS", "system", "docker run --cap-add SYS_PTRACE", false, false, func(m *doctor.Machine) {
			m.OS, m.Arch, m.Kernel, m.Virtual = "darwin", "arm64", "", refused
		}},
		{
			"another architecture", "system", "--clock wall", false, false,
			func(m *doctor.Machine) { m.Arch, m.Virtual = "riscv64", refused },
		},
		{
			"an old kernel", "system", "newer kernel", false, false,
			func(m *doctor.Machine) { m.Kernel, m.Virtual = "4.4.0", refused },
		},
		{
			"ptrace_scope 3", "ptrace, seccomp", "at boot", false, false,
			func(m *doctor.Machine) { m.PtraceScope, m.Virtual = "3", refused },
		},
		{
			"ptrace_scope 2", "ptrace, seccomp", "sysctl kernel.yama.ptrace_scope=1", false, false,
			func(m *doctor.Machine) {
				m.PtraceScope, m.Virtual = "2", refused
			},
		},
		{
			"a container without ptrace", "ptrace, seccomp", "--cap-add SYS_PTRACE", false, false,
			func(m *doctor.Machine) {
				m.Container, m.Filtered, m.Virtual = "Docker", true, refused
			},
		},
		{"another guard", "ptrace, seccomp", "SELinux", false, false, func(m *doctor.Machine) { m.Virtual = refused }},
		{"no schedstat", "sleeping threads", "CONFIG_SCHED_INFO", false, false, func(m *doctor.Machine) {
			m.Accounts, m.Virtual = errors.New("open /proc/self/schedstat: no such file or directory"), refused
		}},
		{
			"no pidfd_getfd in Docker", "timerfd", "--cap-add SYS_PTRACE", true, true,
			func(m *doctor.Machine) { m.Descriptors, m.Filtered = eperm, true },
		},
		{
			"no pidfd_getfd in the kernel", "timerfd", "5.6 or newer", true, true,
			func(m *doctor.Machine) { m.Descriptors, m.Kernel = eperm, "5.4.0" },
		},
		{
			"no user namespaces", "own network", "apparmor_restrict_unprivileged_userns", true, true,
			func(m *doctor.Machine) { m.Network = eperm },
		},
		{
			"no namespaces in a container", "own network", "--network none", true, true,
			func(m *doctor.Machine) { m.Network, m.Container = eperm, "Podman" },
		},
		{"no quickack", "quick acks", "own network", true, true, func(m *doctor.Machine) { m.QuickAck = eperm }},
	} {
		t.Run(tt.name, func(t *testing.T) {
			m := good()
			tt.inject(&m)
			d := doctor.Diagnose(m)
			if d.VirtualTime() != tt.virtual || clock(t, d, "xK").OK != tt.paced {
				t.Errorf("got virtual time %t and xK %t, want %t and %t:\n%s", d.VirtualTime(), clock(t, d, "xK").OK,
					tt.virtual, tt.paced, d)
			}
			found := false
			for _, c := range d.Checks {
				related := c.Name == tt.check || tt.check == "system" && c.Name == "ptrace, seccomp"
				if c.OK == related {
					t.Errorf("%s: got ok %t", c.Name, c.OK)
				}
				if !c.OK && (c.Found == "" || c.Costs == "" || c.Do == "") {
					t.Errorf("%s does not say what is, what it costs and what to do: %+v", c.Name, c)
				}
				found = found || c.Name == tt.check && strings.Contains(c.Do, tt.do)
			}
			if !found {
				t.Errorf("nothing to do says %q:\n%s", tt.do, d)
			}
			if c := clock(t, d, "virtual"); c.OK == (c.Why != "") {
				t.Errorf("got ok %t because of %q", c.OK, c.Why)
			}
		})
	}
}

func TestGoodMachine(t *testing.T) {
	one := good()
	one.CPUs = 1
	for _, m := range []doctor.Machine{good(), one} {
		d := doctor.Diagnose(m)
		if text := d.String(); !d.VirtualTime() || strings.Contains(text, "costs:") || strings.Contains(text, "\nno ") {
			t.Errorf("got:\n%s", text)
		}
	}
	if text := doctor.Diagnose(one).String(); !strings.Contains(text, "processors       1; ") {
		t.Errorf("nothing is said of the one processor:\n%s", text)
	}
}

// TestLook compares what this machine says with what it does.
func TestLook(t *testing.T) {
	m := doctor.Look()
	if got, want := m.Virtual == nil, proctime.Supported() == nil; got != want {
		t.Errorf("got virtual time %t, want %t", got, want)
	}
	if _, err := os.Stat("/proc/self/schedstat"); m.OS == "linux" && (err == nil) != (m.Accounts == nil) {
		t.Errorf("got %v, and the file says %v", m.Accounts, err)
	}
	if m.OS == "linux" && m.Kernel == "" {
		t.Error("a Linux without a kernel")
	}
	data, err := json.Marshal(doctor.Diagnose(m))
	if err != nil || !strings.HasPrefix(string(data), `{"schema":"chaosrun.doctor/v1","machine":`) {
		t.Errorf("got %s, %v", data, err)
	}
}
