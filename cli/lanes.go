package cli

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"time"

	"github.com/chaosrun/chaosrun/campaign"
	"github.com/chaosrun/chaosrun/internal/process"
)

// laneGrace is the time that a lane has to end after an interrupt, before it is killed.
const laneGrace = 15 * time.Second

// lanes are several process trees in virtual time. Each runs this command line again for one
// engine, and appends the runs to a file.
type lanes struct {
	file string
	of   map[int]*lane // by variant
	all  []*lane
}

// A lane is one process tree.
type lane struct {
	name     string
	n        int
	variants []int
	ended    chan struct{}
	// said holds its standard error, and err how it ended. Read both only after ended is closed.
	said bytes.Buffer
	err  error
}

var _ campaign.Lanes = (*lanes)(nil)

// newLanes returns the lanes of a plan. None is started.
func newLanes(plan *campaign.Plan, file string) *lanes {
	l := &lanes{file: file, of: map[int]*lane{}}
	for i, variants := range plan.Lanes() {
		one := &lane{name: plan.Name(variants[0]), n: i + 1, variants: variants, ended: make(chan struct{})}
		l.all = append(l.all, one)
		for _, v := range variants {
			l.of[v] = one
		}
	}
	return l
}

// Ended returns a channel that is closed when the lane of a variant has ended.
func (l *lanes) Ended(variant int) <-chan struct{} { return l.of[variant].ended }

// Why says how the lane of a variant ended.
func (l *lanes) Why(variant int) string {
	one := l.of[variant]
	why := "its process ended before this run"
	if one.err != nil {
		why += ": " + one.err.Error()
	}
	if said := strings.TrimSpace(one.said.String()); said != "" {
		why += "; it said: " + said
	}
	return why
}

// run starts every lane that has runs to make, at most side of them at a time, and waits for them.
// When ctx ends it interrupts the running lanes and starts no other.
func (l *lanes) run(ctx context.Context, plan *campaign.Plan, side int) {
	slots := make(chan struct{}, side)
	for _, one := range l.all {
		if plan.Made(one.variants) {
			close(one.ended)
			continue
		}
		slots <- struct{}{}
		go func() {
			defer func() { <-slots }()
			defer close(one.ended)
			if one.err = ctx.Err(); one.err == nil {
				one.err = one.run(ctx, l.file)
			}
		}()
	}
	for _, one := range l.all {
		<-one.ended
	}
}

// run makes the runs of the lane in a tree of its own.
func (one *lane) run(ctx context.Context, file string) error {
	runtime.LockOSThread() // the child dies with its thread, and so with this process
	defer runtime.UnlockOSThread()
	self, err := os.Executable()
	if err != nil {
		return err //nolint:wrapcheck // it says enough
	}
	//nolint:gosec // this program
	cmd := exec.CommandContext(ctx, self,
		append(os.Args[1:len(os.Args):len(os.Args)], "--lane", strconv.Itoa(one.n)+":"+file)...)
	cmd.Args[0] = os.Args[0]
	cmd.Stderr = &one.said
	cmd.SysProcAttr = process.Child()
	cmd.Cancel = func() error { return cmd.Process.Signal(os.Interrupt) }
	cmd.WaitDelay = laneGrace
	return cmd.Run() //nolint:wrapcheck // it says enough
}

// summaries returns how time passed in each lane: the last line that it printed, if it ended well.
func (l *lanes) summaries() (lines []string) {
	for _, one := range l.all {
		said := strings.TrimSpace(one.said.String())
		if last := said[strings.LastIndexByte(said, '\n')+1:]; strings.HasPrefix(last, "virtual ") {
			lines = append(lines, one.name+": "+last)
		}
	}
	return lines
}

// parted returns the plan, or the part of it that a lane makes.
func (r *runCmd) parted(variants []campaign.Variant, o campaign.Options) (*campaign.Plan, error) {
	if r.lanes != nil {
		o.Lanes = r.lanes
	}
	number, file, lane := strings.Cut(r.Lane, ":")
	if lane {
		o.Resume = file
	}
	plan, err := campaign.NewPlan(variants, o)
	if err != nil || r.Lane == "" {
		return plan, err //nolint:wrapcheck // its text is for the user
	}
	n, err := strconv.Atoi(number)
	all := plan.Lanes()
	if !lane || err != nil || n < 1 || n > len(all) {
		return nil, usage("--lane %s: write N:FILE with N from 1 to %d", r.Lane, len(all))
	}
	o.Only = all[n-1]
	return campaign.NewPlan(variants, o) //nolint:wrapcheck // its text is for the user
}

// sideBySide makes the runs in several trees at once, and reports them in the order of the plan.
func (r *runCmd) sideBySide(c console, plan *campaign.Plan) error {
	file := r.Resume
	if file == "" {
		folder, err := os.MkdirTemp("", "chaosrun-")
		if err != nil {
			return err //nolint:wrapcheck // it says enough
		}
		defer os.RemoveAll(folder) //nolint:errcheck // a folder of temporary files
		file = filepath.Join(folder, "runs.jsonl")
	}
	if absolute, err := filepath.Abs(file); err == nil {
		file = absolute
	}
	r.lanes, r.Resume = newLanes(plan, file), file
	plan, err := r.plan(c, newProgress(c, true)) // the file holds the runs of these lanes
	if err != nil {
		return err
	}
	side := r.Parallel
	if side < 1 {
		side = runtime.GOMAXPROCS(0)
	}
	if side = min(side, len(r.lanes.all)); !r.Quiet {
		fmt.Fprintln(c.err, plan.EstimateLanes(side))
	}
	ctx, stop := context.WithCancel(c.ctx)
	over := make(chan struct{})
	go func() {
		defer close(over)
		r.lanes.run(ctx, plan, side)
	}()
	err = r.run(c)
	stop()
	<-over
	if !r.Quiet && !errors.Is(c.ctx.Err(), context.Canceled) {
		for _, line := range r.lanes.summaries() {
			fmt.Fprintln(c.err, line)
		}
	}
	return err
}
