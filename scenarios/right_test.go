package scenarios_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/chaosrun/chaosrun/assertions"
	"github.com/chaosrun/chaosrun/fakeprovider"
	"github.com/chaosrun/chaosrun/scenarios"
	"github.com/chaosrun/chaosrun/timeline"
)

func TestRight(t *testing.T) {
	t.Parallel()
	once := assertions.Attempts{"primary": {Max: new(1)}}
	alone := scenarios.Expecting(
		assertions.Answer{From: "primary", Restarts: new(0)}, assertions.NoFallback{}, once, assertions.NoLeaks{},
	)
	for name, tt := range map[string]struct {
		right    fakeprovider.Right
		streamed bool
		want     []scenarios.Expect
	}{
		"any": {
			fakeprovider.Right{Reaction: fakeprovider.AnswerFromAny},
			true,
			scenarios.Expecting(assertions.Answer{}, assertions.NoLeaks{}),
		},
		"alone":            {fakeprovider.Right{Reaction: fakeprovider.LeaveAlone}, true, alone},
		"alone, and whole": {fakeprovider.Right{Reaction: fakeprovider.LeaveAlone}, false, alone},
		"back, once": {
			fakeprovider.Right{Reaction: fakeprovider.FallBack, Once: true},
			true,
			scenarios.Expecting(assertions.Answer{From: "secondary"}, once, assertions.NoLeaks{}),
		},
		"another where whole": {
			fakeprovider.Right{Reaction: fakeprovider.FailClearly, Whole: fakeprovider.FallBack},
			false,
			scenarios.Expecting(assertions.Answer{From: "secondary"}, assertions.NoLeaks{}),
		},
		"fail": {
			fakeprovider.Right{Reaction: fakeprovider.FailClearly, Whole: fakeprovider.FallBack},
			true,
			scenarios.Expecting(assertions.Answer{Outcome: assertions.Outcomes{timeline.FailedClearly.String()}},
				assertions.NoLeaks{}),
		},
	} {
		if diff := cmp.Diff(tt.want, scenarios.Right(tt.right, tt.streamed)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}
