package doctor

import (
	"cmp"
	"fmt"
	"strings"
)

// Schema identifies the JSON form of a Diagnosis.
const Schema = "chaosrun.doctor/v1"

// A Diagnosis says which clocks a machine has, and what is missing.
type Diagnosis struct {
	Schema  string  `json:"schema"`
	Machine string  `json:"machine"`
	Clocks  []Clock `json:"clocks"`
	// Checks lists the requirements of the clocks of processes.
	Checks []Check `json:"checks"`
}

// A Clock is one value of --clock for one kind of engines.
type Clock struct {
	// Name is virtual, xK or wall, and For says which engines.
	Name string `json:"name"`
	For  string `json:"for"`
	OK   bool   `json:"ok"`
	// Why is the reason if it is not to be had.
	Why string `json:"why,omitempty"`
}

// A Check is one thing that a clock depends on.
type Check struct {
	Name string `json:"name"`
	OK   bool   `json:"ok"`
	// Found says what was found on this machine.
	Found string `json:"found"`
	// Costs says what does not work without it, and Do what to change. Both are "" if the check
	// passed.
	Costs string `json:"costs,omitempty"`
	Do    string `json:"do,omitempty"`
}

// Engines, as a Diagnosis names them.
const (
	ofGo      = "Go engines in this program"
	processes = "processes: run --target, exec"
)

// Diagnose says what the facts mean.
func Diagnose(m Machine) Diagnosis {
	d := Diagnosis{Schema: Schema, Machine: describe(m)}
	why := text(m.Virtual)
	d.Clocks = []Clock{
		{Name: "virtual", For: ofGo, OK: true},
		{Name: "virtual", For: processes, OK: why == "", Why: why},
		{Name: "xK", For: ofGo, OK: true},
		{Name: "xK", For: processes, OK: why == "", Why: why},
		{Name: "wall", For: "everything", OK: true},
	}
	d.Checks = []Check{system(m), tracing(m)}
	if m.OS == linux {
		d.Checks = append(d.Checks, accounting(m), handles(m), namespaces(m), acknowledgements(m))
	}
	d.Checks = append(d.Checks, processors(m))
	return d
}

const linux = "linux"

func describe(m Machine) string {
	s := m.OS + "/" + m.Arch
	if m.Kernel != "" {
		s += ", kernel " + m.Kernel
	}
	if m.Container != "" {
		s += ", in a container (" + m.Container + ")"
	}
	if m.Filtered {
		s += ", under a seccomp filter"
	}
	return s
}

func text(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}

// VirtualTime reports whether other processes can run in virtual time.
func (d Diagnosis) VirtualTime() bool {
	for _, c := range d.Clocks {
		if c.Name == "virtual" && !c.OK {
			return false
		}
	}
	return true
}

// String returns the diagnosis for people.
func (d Diagnosis) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s\n\n", d.Machine)
	for _, c := range d.Clocks {
		fmt.Fprintf(&b, "--clock %-8s %-30s %s\n", c.Name, c.For, yes(c.OK, c.Why))
	}
	b.WriteString("\n")
	for _, c := range d.Checks {
		fmt.Fprintf(&b, "%-4s  %-16s %s\n", cmp.Or(map[bool]string{true: "ok"}[c.OK], "no"), c.Name, c.Found)
		if c.Costs != "" {
			fmt.Fprintf(&b, "      costs: %s\n", c.Costs)
		}
		if c.Do != "" {
			fmt.Fprintf(&b, "      do:    %s\n", c.Do)
		}
	}
	return b.String()
}

func yes(ok bool, why string) string {
	if ok {
		return "yes"
	}
	return "no: " + why
}
