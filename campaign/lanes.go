package campaign

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/chaosrun/chaosrun/harness"
	"github.com/chaosrun/chaosrun/reports"
)

// Lanes are other processes that make the runs of engines in other processes, and append each to
// the file of [Options.Resume]. A plan with Lanes makes the runs of all other engines itself, and
// reports all of them in its usual order.
type Lanes interface {
	// Ended returns a channel that is closed when no further run of the variant with that position
	// comes.
	Ended(variant int) <-chan struct{}
	// Why says how the lane of that variant ended. It is asked after that, if runs are missing.
	Why(variant int) string
}

// Lanes returns the positions of the variants that are in other processes, in groups: each group
// can be a lane. Variants of one target with fixed addresses share one, because they cannot run at
// the same time.
func (p *Plan) Lanes() [][]int {
	var lanes [][]int
	for n, v := range p.variants {
		if !v.Outside {
			continue
		}
		i := slices.IndexFunc(lanes, func(lane []int) bool {
			other := p.variants[lane[0]]
			return v.Instances > 0 && other.Instances > 0 && ofTarget(v) == ofTarget(other)
		})
		if i < 0 {
			lanes = append(lanes, []int{n})
		} else {
			lanes[i] = append(lanes[i], n)
		}
	}
	return lanes
}

// Made reports whether Options.Resume has every run of the variants at these positions.
func (p *Plan) Made(variants []int) bool {
	for j := range p.Jobs() {
		if slices.Contains(variants, j.variant) && !p.finished.has(j) {
			return false
		}
	}
	return true
}

// Name returns the name of the variant at that position.
func (p *Plan) Name(variant int) string { return p.variants[variant].Name }

// ofTarget returns the name of a variant without the part after the @.
func ofTarget(v Variant) string {
	name, _, _ := strings.Cut(v.Name, "@")
	return name
}

// laneLook is how often the file is looked at for runs of other lanes, in real time.
const laneLook = 200 * time.Millisecond

// await returns the run of a job that a lane makes. It returns nil if ctx ended, or interrupt,
// before the lane had made it. A run that the lane did not make though it could is unknown.
func (p *Plan) await(ctx, interrupt context.Context, j Job) *reports.Run {
	ended := p.options.Lanes.Ended(j.variant)
	look := time.NewTicker(laneLook)
	defer look.Stop()
	for over := false; ; {
		p.finished.refresh()
		if run, ok := p.finished.find(j); ok {
			return &run
		}
		if over && interrupt.Err() != nil {
			return nil
		}
		if over {
			run := j.report(j.notMade(p.options.Lanes.Why(j.variant)))
			return &run
		}
		select {
		case <-ctx.Done():
			return nil
		case <-ended:
			over = true
		case <-look.C:
		}
	}
}

// notMade returns the trial of a run that could not be made.
func (j Job) notMade(why string) *harness.Trial {
	cannot := func(harness.Lab) harness.Target { return harness.CannotLook{Reason: why} }
	return harness.RunScenario(j.Scenario, cannot, append(j.harnessOptions(), harness.WithClock(harness.Virtual()))...)
}

// refresh reads what other programs have appended to the file. It keeps the first error.
func (f *finished) refresh() {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.file == nil || f.err != nil {
		return
	}
	if _, err := f.scan(f.file); err != nil {
		f.err = err
	}
}
