package campaign

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/chaosrun/chaosrun/harness"
	"github.com/chaosrun/chaosrun/reports"
)

// Lanes make the runs of engines in other processes, in processes of their own. They append each
// run to the file of [Options.Resume]. A plan with Lanes makes the runs of all other engines
// itself, and reports all runs in its usual order.
type Lanes interface {
	// Ended returns a channel that is closed after the last run of the variant at that position.
	Ended(variant int) <-chan struct{}
	// Why says how the lane of that variant ended. It is called after the end if runs are missing.
	Why(variant int) string
}

// Lanes returns the positions of the variants in other processes, in groups that can each be a
// lane. Variants of one target with fixed addresses share a group, because they cannot run at the
// same time.
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

// Made reports whether [Options.Resume] has every run of the variants at these positions.
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

// laneLook is the pause between two looks at the file, in real time.
const laneLook = 200 * time.Millisecond

// await returns the run of a job that a lane makes. It returns nil if ctx or interrupt ended first.
// If the lane ended without making the run, it is unknown.
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
