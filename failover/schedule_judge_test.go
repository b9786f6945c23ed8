package failover_test

import (
	"context"
	"errors"
	"regexp"
	"strconv"
	"testing"
	"time"

	"github.com/chaosrun/chaosrun/failover"
)

var tokenText = regexp.MustCompile(`\[(\w+) (\d+) (\d+)\]`)

// judge returns what is wrong with what a caller got, or nothing.
func judge(s schedule, t turn, r result) failover.Violation {
	if after, goes := t.leaves(); goes && r.took >= after {
		if r.took > after || !errors.Is(r.err, context.Canceled) {
			return failover.ViolationHung
		}
		return ""
	}
	if _, told := errors.AsType[*failover.CallError](r.err); r.took > patience || (r.err != nil && !told) {
		return failover.ViolationHung
	}
	said := tokenText.FindAllStringSubmatch(r.text, -1)
	if v := mixed(said); v != "" {
		return v
	}
	switch {
	case r.err == nil && len(said) != answerTokens:
		return failover.ViolationTruncated
	case r.err == nil && said[0][1] != r.answer.Provider:
		return failover.ViolationSpliced
	case r.err != nil && (t.Restarts || t.Whole) && s.canAnswer():
		return failover.ViolationFailed
	}
	return ""
}

// mixed says whether tokens are not those of one answer, in their order.
func mixed(said [][]string) failover.Violation {
	seen := map[string]bool{}
	for i, w := range said {
		if seen[w[0]] {
			return failover.ViolationDuplicated
		}
		seen[w[0]] = true
		if w[2] != said[0][2] || w[3] != strconv.Itoa(i) {
			return failover.ViolationSpliced
		}
	}
	return ""
}

// The judge sees each kind of violation, and none where there is none.
func TestJudge(t *testing.T) {
	t.Parallel()
	const whole = "[p0 1 0][p0 1 1][p0 1 2][p0 1 3][p0 1 4]"
	from := failover.Answer{Provider: "p0"}
	can := schedule{Providers: []plan{{Requests: []fault{{Kind: "healthy"}}}}}
	lost := &failover.CallError{Err: failover.ErrChainExhausted}
	for name, row := range map[string]struct {
		turn turn
		r    result
		want failover.Violation
	}{
		"the whole answer":           {turn{}, result{text: whole, answer: from}, ""},
		"an error after a part":      {turn{}, result{text: "[p0 1 0]", err: lost}, ""},
		"too late":                   {turn{}, result{text: whole, answer: from, took: patience + 1}, failover.ViolationHung},
		"the caller lost patience":   {turn{}, result{err: context.DeadlineExceeded}, failover.ViolationHung},
		"a part":                     {turn{}, result{text: "[p0 1 0]", answer: from}, failover.ViolationTruncated},
		"nothing":                    {turn{}, result{answer: from}, failover.ViolationTruncated},
		"two answers":                {turn{}, result{text: "[p0 1 0][p1 2 1]", answer: from}, failover.ViolationSpliced},
		"two attempts":               {turn{}, result{text: "[p0 1 0][p0 2 1]", err: lost}, failover.ViolationSpliced},
		"without its beginning":      {turn{}, result{text: "[p0 1 1][p0 1 2]", answer: from}, failover.ViolationSpliced},
		"another one's name":         {turn{}, result{text: whole, answer: failover.Answer{Provider: "p1"}}, failover.ViolationSpliced},
		"a token twice":              {turn{}, result{text: "[p0 1 0][p0 1 0]", answer: from}, failover.ViolationDuplicated},
		"the answer twice":           {turn{}, result{text: whole + whole, answer: from}, failover.ViolationDuplicated},
		"in vain":                    {turn{Restarts: true}, result{err: lost}, failover.ViolationFailed},
		"in vain, not streamed":      {turn{Whole: true}, result{err: lost}, failover.ViolationFailed},
		"the caller left":            {turn{Leaves: time.Minute}, result{err: context.Canceled, took: time.Minute}, ""},
		"the caller left, in vain":   {turn{Leaves: time.Minute}, result{err: context.Canceled, took: time.Minute + 1}, failover.ViolationHung},
		"the caller was called away": {turn{Leaves: time.Minute}, result{err: lost, took: time.Minute}, failover.ViolationHung},
	} {
		if got := judge(can, row.turn, row.r); got != row.want {
			t.Errorf("%s: got %q, want %q", name, got, row.want)
		}
	}
}
