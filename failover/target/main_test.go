package target_test

import (
	"flag"
	"testing"
)

// waiting is the number of parallel tests. It exceeds the number of processors, because tests over
// TCP mostly wait.
const waiting = "8"

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
