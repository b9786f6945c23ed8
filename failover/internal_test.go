package failover

import (
	"math/rand/v2"
	"net/http"
	"slices"
	"strconv"
	"testing"
	"time"

	"pgregory.net/rapid"
)

func TestBackoffStaysWithinItsBounds(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		b := Backoff{
			Base:   time.Duration(rapid.Int64Range(0, int64(time.Hour)).Draw(rt, "base")),
			Jitter: rapid.Float64Range(0, 1).Draw(rt, "jitter"),
		}
		b.Cap = b.Base + time.Duration(rapid.Int64Range(0, int64(24*time.Hour)).Draw(rt, "cap above base"))
		n := rapid.IntRange(1, 1000).Draw(rt, "failure")
		got := b.delay(n, rand.New(rand.NewPCG(rapid.Uint64().Draw(rt, "seed"), 1)))
		least := b.Cap
		if n <= 20 {
			least = min(b.Cap, b.Base<<(n-1))
		} else if b.Base == 0 {
			least = 0
		}
		if n > 20 && b.Base > 0 && b.Base<<20 < b.Cap {
			return // too small a base to be doubled up to the cap; the sums above overflow before
		}
		if most := least + time.Duration(b.Jitter*float64(least)); got < least || got > most {
			rt.Errorf("got %s, want %s to %s", got, least, most)
		}
	})
}

// The intervals of the reported engine's backoff
// (https://github.com/NousResearch/hermes-agent/blob/a7e7921dbc0a593027f40b571861f50a71221aec/agent/retry_utils.py#L19-L57).
func TestBackoffOfTheReportedEngine(t *testing.T) {
	t.Parallel()
	b, rng := NewPolicy().Retry.Backoff, rand.New(rand.NewPCG(1, 1))
	for n, seconds := range []int{2, 4, 8, 16, 32, 60, 60} {
		from := time.Duration(seconds) * time.Second
		for range 100 {
			if got := b.delay(n+1, rng); got < from || got >= from+from/2 {
				t.Fatalf("failure %d: got %s, want from %s to under %s", n+1, got, from, from+from/2)
			}
		}
	}
}

func TestClassification(t *testing.T) {
	t.Parallel()
	table := classification()
	for _, row := range []struct {
		f    AttemptError
		want Reason
	}{
		{AttemptError{Status: 401}, Auth},
		{AttemptError{Status: 403}, Auth},
		{AttemptError{Status: 402}, Billing},
		{AttemptError{Status: 429}, RateLimit},
		{AttemptError{Status: 429, Code: "overloaded_error"}, RateLimit},
		{AttemptError{Status: 503, Message: "rate limit"}, Overloaded},
		{AttemptError{Status: 529}, Overloaded},
		{AttemptError{Status: 500}, ServerError},
		{AttemptError{Status: 502}, ServerError},
		{AttemptError{Status: 504}, ServerError},
		{AttemptError{Status: 524}, ServerError},
		{AttemptError{Status: 404}, Unknown},
		{AttemptError{Status: 404, Message: "The model gpt-9 does not exist"}, ModelNotFound},
		{AttemptError{Status: 400}, FormatError},
		{AttemptError{Status: 400, Message: "This model's maximum context length is 8192 tokens"}, ContextOverflow},
		{AttemptError{Status: 408}, FormatError},
		{AttemptError{Status: 409}, FormatError},
		{AttemptError{Status: 422}, FormatError},
		{AttemptError{Status: 413}, PayloadTooLarge},
		{AttemptError{Kind: StreamError, Code: "overloaded_error"}, Overloaded},
		{AttemptError{Kind: StreamError, Code: "rate_limit_error"}, RateLimit},
		{AttemptError{Kind: StreamError, Code: "api_error"}, ServerError},
		{AttemptError{Kind: StreamError, Code: "insufficient_quota"}, Billing},
		{AttemptError{Kind: StreamError, Code: "authentication_error"}, Auth},
		{AttemptError{Kind: StreamError, Message: "Model at capacity"}, Overloaded},
		{AttemptError{Kind: StreamError, Message: "hm"}, Unknown},
		{AttemptError{Kind: StreamConnectionError}, Timeout},
		{AttemptError{Kind: ReadError, Message: "rate limit"}, Timeout},
		{AttemptError{Kind: RemoteProtocolError}, Timeout},
		{AttemptError{Kind: APIConnectionError}, Timeout},
		{AttemptError{Kind: Truncated}, Timeout},
		{AttemptError{Kind: Empty}, Unknown},
		{AttemptError{Kind: StreamParseError}, Unknown},
	} {
		if got := classify(table, &row.f); got != row.want {
			t.Errorf("%s %q: got %s, want %s", row.f.what(), row.f.Message, got, row.want)
		}
	}
}

// An HTTP status decides alone about all but the statuses whose text is looked at, and every failure has a reason.
func TestStatusGoesBeforeEverything(t *testing.T) {
	t.Parallel()
	table := classification()
	rapid.Check(t, func(rt *rapid.T) {
		f := AttemptError{
			Kind:    rapid.SampledFrom(failureKinds()).Draw(rt, "kind"),
			Status:  rapid.IntRange(http.StatusBadRequest, 599).Draw(rt, "status"),
			Code:    rapid.SampledFrom([]string{"", "overloaded_error", "insufficient_quota", "model_not_found"}).Draw(rt, "code"),
			Message: rapid.SampledFrom([]string{"", "rate limit", "does not exist", "context window"}).Draw(rt, "message"),
		}
		got := classify(table, &f)
		if !slices.Contains(reasons(), got) {
			rt.Fatalf("got %q", got)
		}
		if f.Status == 400 || f.Status == 404 {
			return
		}
		if want := classify(table, &AttemptError{Status: f.Status}); got != want {
			rt.Errorf("got %s, want %s as for the bare status", got, want)
		}
	})
}

func TestRetryAfterIsSeconds(t *testing.T) {
	t.Parallel()
	r := RetryAfter{Reasons: []Reason{RateLimit}, Cap: 2 * time.Minute}
	for header, want := range map[string]time.Duration{
		"": -1, "7": 7 * time.Second, " 7 ": 7 * time.Second, "0": 0, "-1": -1, "1.5": -1, "soon": -1,
		"120": 2 * time.Minute, "99999999": 2 * time.Minute, "99999999999999999999": -1, "Wed, 21 Oct 2015 07:28:00 GMT": -1,
	} {
		got, ok := r.wait(&AttemptError{Reason: RateLimit, RetryAfter: header}, 1)
		if !ok {
			got = -1
		}
		if got != want {
			t.Errorf("%q: got %s, want %s", header, got, want)
		}
	}
	if _, ok := r.wait(&AttemptError{Reason: Overloaded, RetryAfter: "7"}, 1); ok {
		t.Error("a reason that is not listed is listened to")
	}
}

func FuzzRetryAfter(f *testing.F) {
	f.Add("7")
	f.Add("Wed, 21 Oct 2015 07:28:00 GMT")
	f.Fuzz(func(t *testing.T, header string) {
		r := RetryAfter{Reasons: []Reason{RateLimit}, Cap: time.Minute}
		if got, _ := r.wait(&AttemptError{Reason: RateLimit, RetryAfter: header}, 1); got < 0 || got > time.Minute {
			t.Errorf("%s: got %s", strconv.Quote(header), got)
		}
	})
}
