package campaign

import (
	"fmt"
	"runtime"
	"slices"
	"time"

	"github.com/chaosrun/chaosrun/harness"
)

const (
	// outsideParallel is the default number of parallel engines in other processes. They sleep
	// rather than compute.
	outsideParallel = 8
	// startAllowance is the real time in which an engine in another process usually starts and
	// answers its healthy calls. An engine may take longer.
	startAllowance = 5 * time.Second
)

// parallel returns the number of parallel runs.
func (p *Plan) parallel() int {
	switch {
	case p.options.Lanes != nil: // they wait for runs of other processes
		return len(p.variants)
	case p.options.Clock.IsTree(): // the processor time of one engine is virtual time of all
		return 1
	case p.options.Parallel > 0:
		return p.options.Parallel
	case p.outside():
		return max(outsideParallel, runtime.GOMAXPROCS(0))
	case p.options.Clock == harness.Virtual():
		return runtime.GOMAXPROCS(0)
	}
	return 1
}

// outside reports whether a variant is another process.
func (p *Plan) outside() bool {
	return slices.ContainsFunc(p.variants, func(v Variant) bool { return v.Outside })
}

// width returns how many runs of a job's variant may be under way at once.
func (p *Plan) width(j Job) int {
	most := p.parallel()
	switch {
	case p.options.Lanes != nil && j.Variant.Outside:
		return 1
	case p.options.Lanes != nil:
		return min(most, runtime.GOMAXPROCS(0))
	case j.Variant.Outside:
		if j.Variant.Instances > 0 {
			return min(most, j.Variant.Instances)
		}
		return most
	case p.options.Parallel > 0:
		return most
	case j.clock() == harness.Virtual():
		return min(most, runtime.GOMAXPROCS(0))
	}
	return 1
}

// schedule returns how many runs are made side by side.
func (p *Plan) schedule() schedule[Job] {
	s := schedule[Job]{parallel: p.parallel()}
	if p.outside() {
		s.lane = func(j Job) lane { return lane{id: j.variant, width: p.width(j)} }
	}
	return s
}

// atMost bounds the real time of a run that is not in virtual time, for an engine that starts as
// fast as usual. It is 0 for a run that is skipped or taken from Options.Resume.
func (j Job) atMost() time.Duration {
	pace := j.clock().Pace()
	if pace == 0 || j.plan.finished.has(j) || harness.Unfit(j.Scenario, j.harnessOptions()...) != "" {
		return 0
	}
	var took time.Duration
	for _, c := range j.Scenario.Calls {
		limit := j.Scenario.Deadline
		if cut, _ := j.callLimit(); cut > 0 {
			limit = min(limit, cut)
		}
		took += c.After + limit
	}
	took = time.Duration(float64(took) / pace)
	if j.Variant.Outside {
		took += startAllowance
	}
	return took
}

// An Estimate bounds the real time that the runs of a plan take. Runs in virtual time count as 0.
type Estimate struct {
	// Cells is the number of runs to make on the wall clock, SideBySide how many at once, and Taken
	// the number of runs that [Options.Resume] has.
	Cells, SideBySide, Taken int
	// AtMost is the longest time, for engines that start as fast as usual.
	AtMost time.Duration
}

// String returns the estimate in one line, as in "24 cells, 8 side by side: at most 4m10s".
func (e Estimate) String() string {
	return fmt.Sprintf("%s: at most %s", e.cells(), e.AtMost.Round(time.Second))
}

func (e Estimate) cells() string {
	cells := fmt.Sprintf("%d cells", e.Cells)
	if e.Cells == 1 {
		cells = "1 cell"
	}
	if e.SideBySide > 1 {
		cells += fmt.Sprintf(", %d side by side", e.SideBySide)
	}
	if e.Taken > 0 {
		cells += fmt.Sprintf(", and %d made before", e.Taken)
	}
	return cells
}

// EstimateLanes estimates, as text, the real time of the runs of engines in other processes in
// virtual time, in that many lanes. It is mostly the time that engines take to start.
func (p *Plan) EstimateLanes(lanes int) string {
	cells, taken := 0, 0
	for j := range p.Jobs() {
		switch {
		case !j.Variant.Outside || harness.Unfit(j.Scenario, j.harnessOptions()...) != "":
		case p.finished.has(j):
			taken++
		default:
			cells++
		}
	}
	e := Estimate{Cells: cells, SideBySide: min(lanes, cells), Taken: taken}
	about := time.Duration(cells) * startAllowance / time.Duration(max(1, lanes))
	return fmt.Sprintf("%s in virtual time: about %s, at %s a cell", e.cells(), about.Round(time.Second),
		startAllowance)
}

// Estimate bounds the real time of the plan, without making a run. It does not look at the jobs of
// a plan in virtual time, which may be a million.
func (p *Plan) Estimate() Estimate {
	var e Estimate
	if p.options.Clock == harness.Virtual() && !p.outside() && p.finished == nil {
		return e
	}
	c := newCalendar(p)
	for j := range p.Jobs() {
		if p.finished.has(j) {
			e.Taken++
			continue
		}
		if took := j.atMost() + p.probing(j, c); took > 0 {
			e.Cells++
			e.SideBySide = max(e.SideBySide, p.width(j))
			c.add(j, took)
		}
	}
	e.SideBySide, e.AtMost = min(e.SideBySide, e.Cells), c.end()
	return e
}

// A calendar schedules runs as ordered does, assuming that each takes its longest time.
type calendar struct {
	plan *Plan
	// slots and lanes hold when each slot is free again.
	slots  []time.Duration
	lanes  map[int][]time.Duration
	probed map[int]bool
}

func newCalendar(p *Plan) *calendar {
	return &calendar{
		plan: p, slots: make([]time.Duration, p.parallel()), lanes: map[int][]time.Duration{}, probed: map[int]bool{},
	}
}

// add schedules one run.
func (c *calendar) add(j Job, took time.Duration) {
	lane, ok := c.lanes[j.variant]
	if !ok {
		lane = make([]time.Duration, c.plan.width(j))
		c.lanes[j.variant] = lane
	}
	slot, place := earliest(c.slots), earliest(lane)
	end := max(c.slots[slot], lane[place]) + took
	c.slots[slot], lane[place] = end, end
}

// end returns when the last run is over.
func (c *calendar) end() time.Duration { return slices.Max(c.slots) }

// earliest returns the index of the smallest value.
func earliest(all []time.Duration) (at int) {
	for i := range all {
		if all[i] < all[at] {
			at = i
		}
	}
	return at
}
