package doctor_test

import (
	"errors"
	"fmt"

	"github.com/chaosrun/chaosrun/internal/doctor"
)

// Diagnose is a pure function of the facts that Look collects.
func ExampleDiagnose() {
	d := doctor.Diagnose(doctor.Machine{OS: "darwin", Arch: "arm64", CPUs: 8, Virtual: errors.New("it needs Linux")})
	fmt.Println(d.VirtualTime())
	for _, check := range d.Checks {
		if !check.OK {
			fmt.Println(check.Name + ": " + check.Found)
			break
		}
	}
	// Output:
	// false
	// system: darwin/arm64, and virtual time for processes needs Linux
}
