package proctime

import (
	"context"
	"fmt"
	"os"
	"testing"
)

func TestMain(m *testing.M) {
	Main()
	if len(os.Args) > 2 && os.Args[1] == "try" {
		o := Options{Command: os.Args[2:]}
		if os.Getenv("PT_TRACE") != "" {
			o.Trace = os.Stderr
		}
		o.Spread = os.Getenv("PT_SPREAD") != ""
		code, report, err := Run(context.Background(), o)
		fmt.Fprintln(os.Stderr, code, err, report)
		os.Exit(code)
	}
	os.Exit(m.Run())
}
