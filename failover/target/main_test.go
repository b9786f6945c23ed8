package target_test

import (
	"flag"
	"testing"
)

// waiting is the number of parallel tests. It exceeds the number of processors, because tests over
// TCP mostly wait.
const waiting = "8"

// tcp is a flag, as it is in fakeprovider/fault. CI sets it for what takes real time over TCP.
var tcp = flag.Bool("tcp", false, "also run each fault over TCP, in accelerated time")

func TestMain(m *testing.M) {
	flag.Parse()
	given := false
	flag.Visit(func(f *flag.Flag) { given = given || f.Name == "test.parallel" })
	if !given {
		if err := flag.Set("test.parallel", waiting); err != nil {
			panic(err)
		}
	}
	m.Run()
}
