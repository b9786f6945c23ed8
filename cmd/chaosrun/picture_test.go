package main

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/chaosrun/chaosrun/cli"
)

// TestPictureOfTheFlagship draws the picture of the README.
func TestPictureOfTheFlagship(t *testing.T) {
	const page = "../../docs/heartbeat-only.svg"
	out := filepath.Join(t.TempDir(), "lanes.svg")
	var printed bytes.Buffer
	o := options()
	o.Stdout, o.Stderr = &printed, &printed
	o.Args = []string{
		"run", "heartbeat-only", "--policy", "hermes-0.13", "--policy", "recommended", "--timeline", "all", "--no-html",
		"--report", "svg=" + out,
	}
	code := cli.Main(o)
	got, err := os.ReadFile(out)
	if err != nil {
		t.Fatalf("exit code %d, %v: %s", code, err, printed.String())
	}
	if *update {
		if err := os.WriteFile(page, got, 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(page)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(got), string(want)); diff != "" {
		t.Errorf("rewrite it with -update (-got +want):\n%s", diff)
	}
}
