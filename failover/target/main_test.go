package target_test

import (
	"flag"
	"testing"
)

// waiting is how many tests run at a time: more than there are processors, because those over TCP
// spend their time waiting.
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
