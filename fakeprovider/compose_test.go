package fakeprovider_test

import (
	"errors"
	"net/http"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/chaosrun/chaosrun/fakeprovider"
	"github.com/chaosrun/chaosrun/fakeprovider/fault"
	"github.com/chaosrun/chaosrun/fakeprovider/internal/rig"
	"github.com/chaosrun/chaosrun/fakeprovider/protocol"
)

// statuses returns what n requests get, each a second after the last: the status, or "refused".
func statuses(t *testing.T, o fakeprovider.Options, n int) (got []string) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		s := rig.VirtualSiteOf(t, o)
		client, closeIdle := s.Client()
		defer closeIdle()
		for i := range n {
			if i > 0 {
				time.Sleep(time.Second) // virtual
			}
			resp, _, err := rig.Exchange(t, client, s.Request(t))
			switch {
			case errors.Is(err, syscall.ECONNREFUSED):
				got = append(got, "refused")
			case err != nil:
				t.Fatal(err)
			default:
				got = append(got, strconv.Itoa(resp.StatusCode))
			}
		}
	})
	return got
}

func TestLimits(t *testing.T) {
	t.Parallel()
	busy := fault.RateLimited{}
	limited := func(l fakeprovider.Limit) fakeprovider.Fault { return fakeprovider.Limited{Fault: busy, Limit: l} }
	down := fakeprovider.Script{fakeprovider.Fail{Status: 503}}
	for name, test := range map[string]struct {
		entries []fakeprovider.Fault
		want    string
	}{
		"first, and then it has recovered": {
			[]fakeprovider.Fault{limited(fakeprovider.Limit{First: 2})}, "429 429 200 200 200",
		},
		"first, and then the next entry": {
			[]fakeprovider.Fault{limited(fakeprovider.Limit{First: 2}), down}, "429 429 503 503 503",
		},
		"nth": {
			[]fakeprovider.Fault{limited(fakeprovider.Limit{Nth: 3})}, "200 200 429 200 200",
		},
		"every nth": {
			[]fakeprovider.Fault{limited(fakeprovider.Limit{EveryNth: 2})}, "200 429 200 429 200",
		},
		"every nth of the first": {
			[]fakeprovider.Fault{limited(fakeprovider.Limit{First: 4, EveryNth: 2}), down}, "200 429 200 429 503",
		},
		"between": {[]fakeprovider.Fault{
			limited(fakeprovider.Limit{Between: fakeprovider.Window{1500 * time.Millisecond, 4 * time.Second}}),
		}, "200 429 429 429 200"},
		"from a time on": {
			[]fakeprovider.Fault{limited(fakeprovider.Limit{Between: fakeprovider.Window{1500 * time.Millisecond}})},
			"200 429 429 429 429",
		},
		"one entry of several": {
			[]fakeprovider.Fault{fakeprovider.Healthy{}, limited(fakeprovider.Limit{Probability: 1}), down},
			"200 429 503 503 503",
		},
		"before there is a connection": {
			[]fakeprovider.Fault{fakeprovider.Healthy{}, fault.Refused{}, down}, "200 refused 503 503 503",
		},
		"refused at first": {
			[]fakeprovider.Fault{fakeprovider.Limited{Fault: fault.Refused{}, Limit: fakeprovider.Limit{First: 2}}},
			"refused refused 200 200 200",
		},
		"every other connection": {
			[]fakeprovider.Fault{fakeprovider.Limited{Fault: fault.Refused{}, Limit: fakeprovider.Limit{EveryNth: 2}}},
			"200 refused 200 refused 200",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := strings.Join(statuses(t, fakeprovider.Options{OnRequest: test.entries}, 5), " ")
			if got != test.want {
				t.Errorf("got %s, want %s", got, test.want)
			}
		})
	}
}

// TestProbability checks that chance depends on the seed alone, and is near the value asked for.
func TestProbability(t *testing.T) {
	t.Parallel()
	const n = 200
	entries := []fakeprovider.Fault{
		fakeprovider.Limited{Fault: fault.RateLimited{}, Limit: fakeprovider.Limit{Probability: 0.3}},
	}
	draw := func(seed uint64) []string {
		return statuses(t, fakeprovider.Options{OnRequest: entries, Seed: seed}, n)
	}
	one := draw(1)
	if diff := cmp.Diff(one, draw(1)); diff != "" {
		t.Errorf("one seed, two draws:\n%s", diff)
	}
	if cmp.Equal(one, draw(2)) {
		t.Error("another seed draws the same")
	}
	hit := strings.Count(strings.Join(one, " "), "429")
	if hit < n/5 || hit > 2*n/5 { // 0.3 of 200 is 60, and 20 are three standard deviations
		t.Errorf("%d of %d requests were hit, want about %d", hit, n, n*3/10)
	}
}

func TestOutage(t *testing.T) {
	t.Parallel()
	o := fakeprovider.Options{
		OnRequest: []fakeprovider.Fault{fault.RateLimited{}, fakeprovider.Healthy{}},
		Outages: []fakeprovider.Outage{
			{Fault: fault.Refused{}, Between: fakeprovider.Window{500 * time.Millisecond, 2500 * time.Millisecond}},
		},
	}
	// The outage uses up no entry: what was due before it is due after it.
	if got, want := strings.Join(statuses(t, o, 5), " "), "429 refused refused 200 200"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

func TestTogether(t *testing.T) {
	t.Parallel()
	both := fakeprovider.Together{fault.Bandwidth{}, fault.MalformedJSON{}, fault.MidStreamDrop{}}
	if err := both.Validate(); err != nil {
		t.Fatal(err)
	}
	var o rig.Observation
	synctest.Test(t, func(t *testing.T) { o = rig.VirtualSite(t, both, protocol.OpenAIChat{}, true).Observe(t) })
	all := string(o.BytesRead())
	if !strings.Contains(all, `"obfuscation":"Z33yKRNRVfIbC6"`+"\n") {
		t.Errorf("no event is malformed:\n%s", all)
	}
	if strings.Contains(all, "[DONE]") || strings.HasSuffix(all, "\r\n0\r\n\r\n") {
		t.Errorf("it was not dropped:\n%s", all)
	}
	atLeast := time.Duration(len(o.BytesRead())) * time.Second / 256
	if o.EndAt < atLeast {
		t.Errorf("%d bytes took %s, at 256 a second they need %s", len(o.BytesRead()), o.EndAt, atLeast)
	}
}

func TestWhatCannotBeTogether(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		fault fakeprovider.Validator
		says  string
	}{
		{fakeprovider.Together{fault.Refused{}, fault.SlowTrickle{}}, "after refused nothing else can happen"},
		{
			fakeprovider.Together{fault.SlowTrickle{}, fault.RateLimited{}},
			"slow-trickle and rate-limited each are a whole response",
		},
		{
			fakeprovider.Together{fault.LengthAndChunks{}, fault.LengthAndChunks{}},
			"length-and-chunks stands here twice",
		},
		{fakeprovider.Together{fault.Bandwidth{}}, "want two faults or more"},
		{fakeprovider.Together{fault.Bandwidth{Rate: -1}, fakeprovider.Healthy{}}, "rate is -1"},
		{
			fakeprovider.Together{fault.Bandwidth{}, fakeprovider.Limited{Fault: fakeprovider.Healthy{}}},
			"limits stand beside together",
		},
		{fakeprovider.Together{
			fault.Bandwidth{}, fakeprovider.Together{fakeprovider.Healthy{}, fault.MalformedJSON{}},
		}, "limits stand beside together"},
		{fakeprovider.Limited{Fault: fakeprovider.Healthy{}, Limit: fakeprovider.Limit{First: -1}}, "first is -1"},
		{
			fakeprovider.Limited{Fault: fakeprovider.Healthy{}, Limit: fakeprovider.Limit{First: 2, Nth: 3}},
			"nth is 3, but only the first 2 get here",
		},
		{
			fakeprovider.Limited{Fault: fakeprovider.Healthy{}, Limit: fakeprovider.Limit{First: 2, EveryNth: 3}},
			"every_nth is 3, but only the first 2 get here",
		},
		{
			fakeprovider.Limited{Fault: fakeprovider.Healthy{}, Limit: fakeprovider.Limit{Nth: 2, EveryNth: 3}},
			"write one of them",
		},
		{
			fakeprovider.Limited{Fault: fakeprovider.Healthy{}, Limit: fakeprovider.Limit{Probability: 1.5}},
			"probability is 1.5",
		},
		{fakeprovider.Limited{
			Fault: fakeprovider.Healthy{}, Limit: fakeprovider.Limit{Between: fakeprovider.Window{2, 1}},
		}, "not after its beginning"},
		{fakeprovider.Limited{
			Fault: fakeprovider.Healthy{}, Limit: fakeprovider.Limit{Between: fakeprovider.Window{-1}},
		}, "begins at"},
		{fakeprovider.Limited{
			Fault: fakeprovider.Healthy{}, Limit: fakeprovider.Limit{Between: fakeprovider.Window{1, 2, 3}},
		}, "has 3 times"},
		{fakeprovider.Limited{Fault: fault.Bandwidth{Rate: -1}}, "rate is -1"},
	} {
		err := test.fault.Validate()
		switch {
		case err == nil:
			t.Errorf("%+v is allowed", test.fault)
		case !strings.Contains(err.Error(), test.says):
			t.Errorf("%+v: got %q, want %q", test.fault, err, test.says)
		}
	}
}

// TestAnEarlyFaultCannotBePicked checks that a request that picks a fault which acts before a
// request arrives is refused with a clear message.
func TestAnEarlyFaultCannotBePicked(t *testing.T) {
	t.Parallel()
	pick := func(*http.Request, *fakeprovider.Request) (fakeprovider.Fault, *fakeprovider.Problem) {
		return fault.Refused{}, nil
	}
	got := statuses(t, fakeprovider.Options{Pick: pick}, 1)
	if got[0] != "400" {
		t.Errorf("got %v, want a 400", got)
	}
}
