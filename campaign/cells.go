package campaign

import (
	"math/rand/v2"
	"slices"
	"strings"
	"time"

	"github.com/chaosrun/chaosrun/assertions"
	"github.com/chaosrun/chaosrun/reports"
)

// A Sample draws some cells of stored reports, to run them again.
type Sample struct {
	// OneIn draws one cell of every OneIn, at random from Seed. Default: all cells.
	OneIn int
	Seed  uint64
	// Below excludes cells that took longer, on the engine's clock. Default: none.
	Below time.Duration
	// Targets are the names of the targets, without @VARIANT. Default: all in other processes.
	Targets []string
}

// Draw returns the labels of the drawn cells, sorted, and the runs that they are drawn from.
// Skipped and unknown runs, and runs of engines of this program, are left out.
func (s Sample) Draw(all []reports.Report) []string {
	var labels []string
	for _, report := range all {
		for _, run := range report.Runs {
			name, _, _ := strings.Cut(run.Target, "@")
			switch {
			case run.Verdict == assertions.Skipped, run.Verdict == assertions.Unknown, !run.Outside:
			case s.Below > 0 && run.Simulated.Duration() >= s.Below:
			case s.Targets != nil && !slices.Contains(s.Targets, name):
			default:
				labels = append(labels, run.Label())
			}
		}
	}
	slices.Sort(labels)
	labels = slices.Compact(labels)
	if s.OneIn < 2 || len(labels) == 0 {
		return labels
	}
	chance := rand.New(rand.NewPCG(s.Seed, 0))
	n := (len(labels) + s.OneIn - 1) / s.OneIn
	drawn := make([]string, 0, n)
	for _, i := range chance.Perm(len(labels))[:n] {
		drawn = append(drawn, labels[i])
	}
	slices.Sort(drawn)
	return drawn
}
