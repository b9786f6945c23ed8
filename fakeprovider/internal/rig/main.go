package rig

import (
	"flag"
	"testing"
)

// TCP is a flag. It has to be registered before the tests run. CI sets it for what takes real
// time over TCP.
//
//nolint:gochecknoglobals // a flag of the test binary
var TCP = flag.Bool("tcp", false, "also look at each fault over TCP, in the loopback and serve worlds")

// waiting is how many tests run at a time. It exceeds the number of processors because tests over
// TCP mostly wait.
const waiting = "8"

// Main runs the tests of a package, eight side by side unless -parallel says otherwise. Call it
// from TestMain.
func Main(m *testing.M) {
	flag.Parse() //nolint:revive // called by TestMain, which is main
	given := false
	flag.Visit(func(f *flag.Flag) { given = given || f.Name == "test.parallel" })
	if !given {
		if err := flag.Set("test.parallel", waiting); err != nil {
			panic(err)
		}
	}
	m.Run()
}
