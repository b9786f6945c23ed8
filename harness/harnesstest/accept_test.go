package harnesstest_test

import (
	"slices"
	"testing"
	"time"

	"github.com/chaosrun/chaosrun/harness"
	"github.com/chaosrun/chaosrun/harness/harnesstest"
	"github.com/chaosrun/chaosrun/harness/harnesstest/wrong"
)

func TestAcceptAcceptsThePlainEngine(t *testing.T) {
	t.Parallel()
	harnesstest.Accept(t, harnesstest.Plain)
}

// A target that speaks one protocol, whichever, and skips the others, is a target.
func TestAcceptFindsTheProtocol(t *testing.T) {
	t.Parallel()
	harnesstest.Accept(t, func(lab harness.Lab) harness.Target {
		for _, u := range lab.Upstreams() {
			if u.Protocol != "gemini" {
				return harness.Skip{Reason: "it does not speak " + u.Protocol}
			}
		}
		return harnesstest.Plain(lab)
	})
}

// The teeth: each wrong engine breaks the rule that its entry names, and one that names none breaks
// none.
func TestAcceptFindsWrongEngines(t *testing.T) {
	t.Parallel()
	for _, e := range wrong.All() {
		t.Run(e.Name, func(t *testing.T) {
			t.Parallel()
			t.Cleanup(e.Release)
			var opts []harness.Option
			if e.StopsClock {
				opts = append(opts, harness.WithPatience(500*time.Millisecond))
			}
			complaints := harnesstest.Examine(e.Factory, opts...)
			broken := func(c harnesstest.Complaint) bool { return c.Rule == e.Rule }
			if found := slices.ContainsFunc(complaints, broken); found != (e.Rule != "") ||
				(e.Rule == "" && len(complaints) > 0) {
				t.Errorf("got %q, want a complaint of %q", complaints, e.Rule)
			}
		})
	}
}
