package failover

import (
	"strconv"
	"testing"
	"testing/synctest"
	"time"
)

// Every spelling of a wait, and what is made of it by who knows all of them, by the reported engine
// (whole seconds only) and by its later version. -1 means that nothing was asked for. The bubble's
// clock starts at 2000-01-01.
func TestRetryAfter(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		seconds := func(all, whole, fraction float64) [3]time.Duration {
			return [3]time.Duration{time.Duration(all * 1e9), time.Duration(whole * 1e9), time.Duration(fraction * 1e9)}
		}
		none := [3]time.Duration{-1, -1, -1}
		const year = 365 * 24 * 3600
		for _, row := range []struct {
			header, ms, body, words string

			want [3]time.Duration
		}{
			{header: "", want: none},
			{header: "7", want: seconds(7, 7, 7)},
			{header: " 7 ", want: seconds(7, 7, 7)},
			{header: "0", want: seconds(0, 0, 0)},
			{header: "86400", want: seconds(86400, 86400, 86400)},
			{header: "99999999999999999999", want: seconds(year, year, year)},
			{header: "1.5", want: [3]time.Duration{1500 * time.Millisecond, -1, 1500 * time.Millisecond}},
			{header: "7.0", want: [3]time.Duration{7 * time.Second, -1, 7 * time.Second}},
			{header: "-1", want: none},
			{header: "+1", want: none},
			{header: "1e3", want: none},
			{header: "0x10", want: none},
			{header: "inf", want: none},
			{header: "NaN", want: none},
			{header: ".", want: none},
			{header: "1.2.3", want: none},
			{header: "1, 2", want: none},
			{header: "7s", want: none},
			{header: "soon", want: none},
			{header: "Sat, 01 Jan 2000 00:00:30 GMT", want: [3]time.Duration{30 * time.Second, -1, -1}},
			{header: "Saturday, 01-Jan-00 00:00:30 GMT", want: [3]time.Duration{30 * time.Second, -1, -1}},
			{header: "Sat Jan  1 00:00:30 2000", want: [3]time.Duration{30 * time.Second, -1, -1}},
			{header: "Wed, 21 Oct 1998 07:28:00 GMT", want: [3]time.Duration{0, -1, -1}},
			{header: "2000-01-01T00:00:30Z", want: none},
			{
				header: "7", ms: "1500",
				want: [3]time.Duration{1500 * time.Millisecond, 7 * time.Second, 7 * time.Second},
			},
			{header: "", ms: "0.5", want: [3]time.Duration{500 * time.Microsecond, -1, -1}},
			{header: "7", ms: "-1", want: seconds(7, 7, 7)},
			{header: "7", ms: "soon", want: seconds(7, 7, 7)},
			{body: "58s", want: [3]time.Duration{58 * time.Second, -1, -1}},
			{body: "1.5s", want: [3]time.Duration{1500 * time.Millisecond, -1, -1}},
			{header: "7", body: "58s", want: seconds(7, 7, 7)},
			{header: "soon", body: "58s", want: [3]time.Duration{58 * time.Second, -1, -1}},
			{body: "58", want: none},
			{body: "-58s", want: none},
			{body: "1m0s", want: none},
			{
				words: "Limit 30000. Please try again in 1.78s. Visit us.",
				want:  [3]time.Duration{1780 * time.Millisecond, -1, -1},
			},
			{words: "Please try again in 6m0s.", want: [3]time.Duration{6 * time.Minute, -1, -1}},
			{words: "try again in 20ms", want: [3]time.Duration{20 * time.Millisecond, -1, -1}},
			{words: "Please retry in 58.217843437s.", want: [3]time.Duration{58217843437, -1, -1}},
			{words: "Please retry after 26 seconds. Please go", want: [3]time.Duration{26 * time.Second, -1, -1}},
			{words: "Retry after 1 minute", want: [3]time.Duration{time.Minute, -1, -1}},
			{words: "try again in 3 hours", want: [3]time.Duration{3 * time.Hour, -1, -1}},
			{header: "7", words: "try again in 20s", want: seconds(7, 7, 7)},
			{body: "58s", words: "try again in 20s", want: [3]time.Duration{58 * time.Second, -1, -1}},
			{words: "try again in 30", want: none},
			{words: "try again in 1.2.3s", want: none},
			{words: "try again later", want: none},
			{words: "you asked 20s ago", want: none},
		} {
			for i, forms := range [][]WaitForm{nil, {WaitSeconds}, {WaitSeconds, WaitFraction}} {
				r := RetryAfter{Reasons: []Reason{ReasonRateLimit}, Forms: forms}
				got, ok := r.asked(&AttemptError{
					Reason: ReasonRateLimit, RetryAfter: row.header, RetryAfterMS: row.ms, RetryDelay: row.body,
					Message: row.words,
				}, 1)
				if !ok {
					got = -1
				}
				if got != row.want[i] {
					t.Errorf("%+v, %v: got %s, want %s", row, forms, got, row.want[i])
				}
			}
		}
	})
	if _, ok := (RetryAfter{Reasons: []Reason{ReasonRateLimit}}).asked(&AttemptError{
		Reason: ReasonOverloaded, RetryAfter: "7",
	}, 1); ok {
		t.Error("a reason that is not listed is listened to")
	}
}

func FuzzRetryAfter(f *testing.F) {
	f.Add("7", "")
	f.Add("Wed, 21 Oct 2015 07:28:00 GMT", "1500")
	f.Fuzz(func(t *testing.T, header, ms string) {
		r := RetryAfter{Reasons: []Reason{ReasonRateLimit}, Cap: time.Minute}
		got, _ := r.asked(&AttemptError{Reason: ReasonRateLimit, RetryAfter: header, RetryAfterMS: ms}, 1)
		if got < 0 || r.capped(got) > time.Minute {
			t.Errorf("%s, %s: got %s", strconv.Quote(header), strconv.Quote(ms), got)
		}
	})
}
