package reports

import (
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/chaosrun/chaosrun/assertions"
	"github.com/chaosrun/chaosrun/timeline"
)

// BenchSchema identifies the JSON form of a Bench. An incompatible change gets a new version
// number.
const BenchSchema = "chaosrun.bench/v1"

// Bench holds the results of many seeded trials of each scenario under each policy.
type Bench struct {
	Schema  string `json:"schema"`
	Version string `json:"version"`
	// Seed is the seed of the first trial. Each later trial uses the next one.
	Seed uint64 `json:"seed"`
	// Wall is the real time of all trials together.
	Wall  timeline.Seconds `json:"wall_s"`
	Cells []BenchCell      `json:"cells"`
	// Screen is where BenchText is read.
	Screen Screen `json:"-"`
}

// BenchCell holds the results of one scenario under one policy.
type BenchCell struct {
	Scenario string `json:"scenario"`
	Policy   string `json:"policy"`
	Trials   int    `json:"trials"`
	// Passed counts the trials that passed or are partial, Answered those whose first call was
	// answered.
	Passed   int `json:"passed"`
	Answered int `json:"answered"`
	// Fallback describes the time to fallback, in seconds, over the trials that fell back. Its
	// Count is the number of those trials.
	Fallback Quantiles `json:"time_to_fallback_s"`
	// Attempts describes the number of requests that the primary received.
	Attempts Quantiles `json:"primary_attempts"`

	trials []trial
}

// A trial is the result of one run: the requests to the primary, and the time to fallback.
type trial struct {
	attempts float64
	fallback *float64 // in seconds; nil without a fallback
}

// Quantiles describe a sample. All fields but Count are nil for an empty sample.
type Quantiles struct {
	Count int      `json:"count"`
	Min   *float64 `json:"min"`
	P50   *float64 `json:"p50"`
	P95   *float64 `json:"p95"`
	Max   *float64 `json:"max"`
}

// quantiles computes the quantiles of a sample, by the nearest rank: the q-quantile is the
// smallest value that at least a fraction q of the sample does not exceed.
func quantiles(sample []float64) Quantiles {
	if len(sample) == 0 {
		return Quantiles{}
	}
	sorted := slices.Sorted(slices.Values(sample))
	at := func(q float64) *float64 {
		i := max(1, int(math.Ceil(q*float64(len(sorted))))) - 1
		return &sorted[i]
	}
	return Quantiles{Count: len(sorted), Min: &sorted[0], P50: at(0.50), P95: at(0.95), Max: &sorted[len(sorted)-1]}
}

// Add adds one trial: its verdict and the measures of its first call.
func (c *BenchCell) Add(v assertions.Verdict, t timeline.Timeline) {
	c.Trials++
	if v.Holds() {
		c.Passed++
	}
	if outcome, _ := t.Outcome(1); outcome == timeline.Answered {
		c.Answered++
	}
	m := t.Measures(1)
	one := trial{attempts: float64(m.Attempts[t.Run.Primary()])}
	if m.TimeToFallback != nil {
		one.fallback = new(m.TimeToFallback.Duration().Seconds())
	}
	c.trials = append(c.trials, one)
	c.Fallback, c.Attempts = Quantiles{}, Quantiles{} // computed when it is written
}

func (b Bench) computed() Bench {
	b.Schema = BenchSchema
	b.Cells = slices.Clone(b.Cells)
	for i := range b.Cells {
		c := &b.Cells[i]
		var fallbacks, attempts []float64
		for _, t := range c.trials {
			attempts = append(attempts, t.attempts)
			if t.fallback != nil {
				fallbacks = append(fallbacks, *t.fallback)
			}
		}
		c.Fallback, c.Attempts = quantiles(fallbacks), quantiles(attempts)
	}
	return b
}

// A BenchWriter writes a Bench in one form.
type BenchWriter func(w io.Writer, b Bench) error

// benchWriters holds all forms of a Bench, by name.
//
//nolint:gochecknoglobals // an immutable table
var benchWriters = map[string]BenchWriter{"text": BenchText, "json": BenchJSON, "benchfmt": Benchfmt, "html": BenchHTML}

// BenchKinds returns all forms of a Bench, sorted by name. They have no Open; see [BenchForKind].
func BenchKinds() []Kind {
	var kinds []Kind
	for _, name := range slices.Sorted(maps.Keys(benchWriters)) {
		kinds = append(kinds, Kind{Name: name, File: "bench." + name})
	}
	return kinds
}

// BenchForKind returns the writer of the named form. It returns an error for an unknown name.
func BenchForKind(kind string) (BenchWriter, error) {
	if w, ok := benchWriters[kind]; ok {
		return w, nil
	}
	return nil, fmt.Errorf("no such report: %q; one of %s", kind, strings.Join(Names(BenchKinds()), ", "))
}

// BenchJSON writes a Bench as chaosrun.bench/v1.
func BenchJSON(w io.Writer, b Bench) error {
	enc := json.NewEncoder(w)
	enc.SetIndent("", "  ")
	enc.SetEscapeHTML(false)
	if err := enc.Encode(b.computed()); err != nil {
		return fmt.Errorf("reports: bench: %w", err)
	}
	return nil
}

// BenchText writes a Bench as tables, one for each scenario, for its Screen.
func BenchText(w io.Writer, b Bench) error {
	s := b.Screen
	var out strings.Builder
	cells := b.computed().Cells
	for i, c := range cells {
		if i > 0 && cells[i-1].Scenario == c.Scenario {
			continue
		}
		end := i
		for end < len(cells) && cells[end].Scenario == c.Scenario {
			end++
		}
		g := policyTable(cells[i:end], true)
		if !g.fits(s) {
			g = policyTable(cells[i:end], false)
		}
		if i > 0 {
			out.WriteByte('\n')
		}
		fmt.Fprintf(&out, "%s: time to fallback over %d trials\n%s", c.Scenario, c.Trials, g.render(s))
	}
	if _, err := io.WriteString(w, s.Fold(out.String())); err != nil {
		return fmt.Errorf("reports: bench: %w", err)
	}
	return nil
}

// policyTable returns the table of one scenario. The shortest time is for wide screens.
func policyTable(cells []BenchCell, shortest bool) *textTable {
	g := &textTable{head: []string{"policy", "p50", "p95", "max", "primary\nrequests", "fell\nback", "passed"}}
	if shortest {
		g.head = slices.Insert(g.head, 1, "min")
	}
	for _, c := range cells {
		row := []string{c.Policy}
		if shortest {
			row = append(row, benchTime(c.Fallback.Min))
		}
		row = append(row, benchTime(c.Fallback.P50), benchTime(c.Fallback.P95), benchTime(c.Fallback.Max),
			benchRange(c.Attempts), strconv.Itoa(c.Fallback.Count), strconv.Itoa(c.Passed))
		g.rows = append(g.rows, row)
	}
	return g
}

// benchTime formats a time; a long one in minutes and seconds, as reports of bugs do.
func benchTime(s *float64) string {
	if s == nil {
		return "–"
	}
	d := time.Duration(*s * float64(time.Second))
	if d < 10*time.Minute {
		return short(timeline.Seconds(d))
	}
	d = d.Round(time.Second)
	return fmt.Sprintf("%dm%ds", int(d.Minutes()), int(d.Seconds())%60) //nolint:mnd // seconds
}

func benchCount(n *float64) string {
	if n == nil {
		return "–"
	}
	return fmt.Sprintf("%g", *n)
}

// benchRange formats the least and the most of a number.
func benchRange(q Quantiles) string {
	if q.Count == 0 || *q.Min == *q.Max {
		return benchCount(q.Min)
	}
	return benchCount(q.Min) + "–" + benchCount(q.Max)
}

// Benchfmt writes a Bench in Go's benchmark format, for benchstat. Each trial is one line. Times
// are scenario time; a trial without a fallback has none. Version and seed are written as a
// comment, because benchstat does not compare files whose configuration differs.
// https://go.googlesource.com/proposal/+/master/design/14313-benchmark-format.md
func Benchfmt(w io.Writer, b Bench) error {
	var out strings.Builder
	fmt.Fprintf(&out, "# chaosrun %s, seed %d\n", b.Version, b.Seed)
	for _, c := range b.Cells {
		for _, t := range c.trials {
			fmt.Fprintf(&out, "BenchmarkFallback/scenario=%s/policy=%s 1", c.Scenario, c.Policy)
			if t.fallback != nil {
				fmt.Fprintf(&out, " %g sec-to-fallback", *t.fallback)
			}
			fmt.Fprintf(&out, " %g attempts\n", t.attempts)
		}
	}
	if _, err := io.WriteString(w, out.String()); err != nil {
		return fmt.Errorf("reports: bench: %w", err)
	}
	return nil
}
