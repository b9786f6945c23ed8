package scenarios

import (
	"math"
	"time"

	"github.com/chaosrun/chaosrun/fakeprovider"
)

// mostSteps is how many pieces and waits one exchange may take before its call is cut. All
// exchanges of a run may take fakeprovider.DefaultSteps together.
const mostSteps = fakeprovider.DefaultSteps / 2

// endless reports the first step of a script that takes more than mostSteps until the deadline.
func (v *validation) endless(at location, script fakeprovider.Script, written bool) {
	left := v.scenario.Deadline
	for i, step := range script {
		steps, took := played(step, left)
		if steps > mostSteps {
			if written {
				at = at.in("script", i)
			}
			v.fail(at, "this sends and waits %.3g times until the deadline of %s, more than %d times: let more time "+
				"pass between the pieces, or set a shorter deadline",
				steps, v.scenario.Deadline, mostSteps)
			return
		}
		if left -= took; left <= 0 {
			return
		}
	}
}

// played returns how many pieces and waits a step takes in a time, and how long it lasts, at most
// that time.
func played(step fakeprovider.Step, left time.Duration) (steps float64, took time.Duration) {
	switch step := step.(type) {
	case fakeprovider.Wait:
		return 1, min(step.For, left)
	case fakeprovider.Text:
		return pieces(step.Value, step.ITL, step.Tokens, left)
	case fakeprovider.Think:
		return pieces(step.Value, step.ITL, step.Tokens, left)
	case fakeprovider.Refuse:
		return pieces(step.Value, step.ITL, step.Tokens, left)
	case fakeprovider.Repeat:
		return rounds(step, left)
	case fakeprovider.Script:
		for _, inner := range step {
			n, d := played(inner, left-took)
			steps, took = steps+n, took+d
		}
		return steps, took
	}
	return 1, 0
}

// pieces is played for a text.
func pieces(value string, itl time.Duration, tokens int, left time.Duration) (steps float64, took time.Duration) {
	n := float64(max(tokens, 1))
	if tokens == 0 {
		for rest := value; rest != ""; n++ {
			_, rest = fakeprovider.CutToken(rest)
		}
	}
	if whole := n * float64(itl); whole > float64(left) {
		return 2 * float64(left) / float64(itl), left //nolint:mnd // a piece and a wait each
	}
	return 2 * n, time.Duration(n * float64(itl)) //nolint:mnd // likewise
}

// rounds is played for a repeat.
func rounds(step fakeprovider.Repeat, left time.Duration) (steps float64, took time.Duration) {
	inRound, length := played(step.Steps, left)
	n, round := math.Inf(1), float64(step.Every+length)
	if step.Times > 0 {
		n = float64(step.Times)
	}
	if round <= 0 {
		return n * (inRound + 1), 0
	}
	n = min(n, 1+float64(left)/round)
	return n * (inRound + 1), time.Duration(min(float64(left), n*round))
}
