// Package doctor says which clocks work on a machine for engines under test, and why others do not.
//
//	d := doctor.Diagnose(doctor.Look())
//	if !d.VirtualTime() {
//		fmt.Print(d)
//	}
//
// [Look] collects the facts, some by trying. [Diagnose] is a pure function of them, so that each
// cause can be tested on a machine that does not have it.
package doctor
