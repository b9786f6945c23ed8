package main

import (
	"bytes"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/chaosrun/chaosrun/cli"
	"github.com/chaosrun/chaosrun/failover"
)

// sample is what the lines of one policy say: requests, and seconds until the fallback where there
// are any.
type sample struct{ attempts, seconds []float64 }

// readBenchfmt reads a bench in the format that benchstat reads.
func readBenchfmt(t *testing.T, text string) map[string]sample {
	t.Helper()
	samples := map[string]sample{}
	for line := range strings.Lines(text) {
		words := strings.Fields(line)
		if len(words) == 0 || words[0] == "#" {
			continue
		}
		_, policy, ok := strings.Cut(words[0], "/policy=")
		if !ok || len(words)%2 != 0 || words[1] != "1" {
			t.Fatalf("no line of a benchmark: %q", line)
		}
		s := samples[policy]
		for i := 2; i < len(words); i += 2 {
			value, err := strconv.ParseFloat(words[i], 64)
			if err != nil {
				t.Fatal(err)
			}
			switch words[i+1] {
			case "attempts":
				s.attempts = append(s.attempts, value)
			case "sec-to-fallback":
				s.seconds = append(s.seconds, value)
			default:
				t.Fatalf("unknown unit: %q", line)
			}
		}
		samples[policy] = s
	}
	return samples
}

// forecast is what a policy's knobs say about a primary that sends nothing but heartbeats: (inner +
// 1) × outer × (2 with recovery) stale kills with the backoffs between the outer attempts, unless a
// hedge comes before. A policy without a detector waits for ever.
type forecast struct {
	attempts    int
	least, most time.Duration // 0: never
}

func forecastOf(p failover.Policy, tokens int) forecast {
	stale := p.Watch.Stale
	for _, s := range p.Watch.StaleScaling {
		if tokens > s.Above {
			stale = max(stale, s.AtLeast)
		}
	}
	if h := p.Hedge.After; h > 0 && (stale == 0 || h < stale) {
		return forecast{1, h, h}
	}
	if stale == 0 {
		return forecast{attempts: 1}
	}
	kind, inner, outer, rounds := p.Watch.KillSurfacesAs, 1, max(1, p.Retry.Attempts), 1
	if slices.Contains(p.Retry.Inner.On, kind) {
		inner += p.Retry.Inner.Retries
	}
	eager := p.Reasons[failover.ReasonTimeout].FallBackAt
	if eager > 0 {
		outer = min(outer, eager)
	}
	if slices.Contains(p.Retry.Recovery.On, kind) && eager != outer {
		rounds = 2
	}
	var backoff time.Duration
	for wait, n := p.Retry.Backoff.Base, 1; n < outer; wait, n = 2*wait, n+1 {
		backoff += min(wait, p.Retry.Backoff.Cap)
	}
	backoff *= time.Duration(rounds)
	attempts := inner * outer * rounds
	least := time.Duration(attempts)*stale + backoff + time.Duration(rounds-1)*p.Retry.Recovery.Wait
	return forecast{attempts, least, least + time.Duration(p.Retry.Backoff.Jitter*float64(backoff))}
}

// differ says what of a sample is not as foretold, or nothing.
func (f forecast) differ(s sample) string {
	if !slices.Equal(slices.Compact(slices.Clone(s.attempts)), []float64{float64(f.attempts)}) {
		return fmt.Sprintf("got attempts %v, want %d", s.attempts, f.attempts)
	}
	if f.least == 0 {
		if len(s.seconds) > 0 {
			return fmt.Sprintf("fell back after %v s, want never", s.seconds)
		}
		return ""
	}
	if len(s.seconds) != len(s.attempts) {
		return fmt.Sprintf("%d of %d trials fell back", len(s.seconds), len(s.attempts))
	}
	if got := slices.Min(s.seconds); got < f.least.Seconds() {
		return fmt.Sprintf("fell back after %v s, want at least %s", got, f.least)
	}
	if got := slices.Max(s.seconds); got > f.most.Seconds() {
		return fmt.Sprintf("fell back after %v s, want at most %s", got, f.most)
	}
	return ""
}

// contracted is what users may rely on: requests to the primary, and minutes to the fallback at
// contexts up to 50,000, above, and above 100,000 tokens.
var contracted = map[string]struct {
	attempts int
	minutes  [3]float64
}{
	"hermes-0.13":             {3, [3]float64{9.1, 12.1, 15.1}},
	"hermes-0.13-tls":         {18, [3]float64{54.35, 72.35, 90.35}},
	"hermes-landed-fix":       {6, [3]float64{18, 24, 30}},
	"hermes-proposed-fix":     {1, [3]float64{3, 4, 5}},
	"hermes-proposed-fix-tls": {3, [3]float64{9, 12, 15}},
	"hermes-0.20":             {6, [3]float64{18, 24, 30}},
	"recommended":             {1, [3]float64{0.7, 0.7, 0.7}},
}

// What bench prints for heartbeats alone is what the knobs of each policy foretell, and what the
// policies are promised to do.
func TestBenchAgreesWithTheFormula(t *testing.T) {
	t.Parallel()
	for i, tokens := range [3]int{20_000, 80_000, 110_000} {
		var out bytes.Buffer
		o := options()
		o.Args = []string{
			"bench", "--fault", "heartbeat-only", "--context-tokens", strconv.Itoa(tokens), "-n", "20", "--report",
			"benchfmt=-",
		}
		o.Stdout, o.Stderr = &out, io.Discard
		if code := cli.Main(o); code != 0 {
			t.Fatalf("exit code %d", code)
		}
		samples := readBenchfmt(t, out.String())
		for _, p := range failover.Policies() {
			if wrong := forecastOf(p, tokens).differ(samples[p.Name]); wrong != "" {
				t.Errorf("%s at %d tokens: %s", p.Name, tokens, wrong)
			}
			c, ok := contracted[p.Name]
			if !ok {
				continue
			}
			about := time.Duration(c.minutes[i] * float64(time.Minute))
			wrong := (forecast{c.attempts, about - 6*time.Second, about + 6*time.Second}).differ(samples[p.Name])
			if wrong != "" {
				t.Errorf("%s at %d tokens, by the table of the policies: %s", p.Name, tokens, wrong)
			}
			for _, other := range failover.Policies() { // the formula tells the policies apart
				f, same := forecastOf(other, tokens), forecastOf(p, tokens)
				if f != same && f.differ(samples[p.Name]) == "" {
					t.Errorf("%s at %d tokens fits the formula of %s", p.Name, tokens, other.Name)
				}
			}
		}
	}
}
