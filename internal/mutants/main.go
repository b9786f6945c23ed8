package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"math"
	"math/rand/v2"
	"os"
	"os/signal"
	"runtime"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"github.com/chaosrun/chaosrun/internal/process"
)

func main() {
	process.Main()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := command(ctx, os.Args[1:], os.Stdout, os.Stderr); err != nil {
		fmt.Fprintln(os.Stderr, "mutants:", err)
		os.Exit(1) //nolint:gocritic // there is nothing to stop
	}
}

// options are the command line.
type options struct {
	root    string
	rooms   []room
	sample  int
	seed    uint64
	floor   float64
	workers int
	only    string
	list    bool
}

// parse reads the command line.
func parse(args []string) (options, error) {
	o := options{}
	flags := flag.NewFlagSet("mutants", flag.ContinueOnError)
	flags.StringVar(&o.root, "root", ".", "the repository")
	flags.IntVar(&o.sample, "sample", 0, "draw so many mutants, 0 for all")
	flags.Uint64Var(&o.seed, "seed", 1, "seeds the draw")
	flags.Float64Var(&o.floor, "floor", 85, "the least share of killed mutants, in percent")
	flags.IntVar(&o.workers, "workers", runtime.NumCPU(), "how many mutants are tried at once")
	flags.StringVar(&o.only, "only", "", "the mutants whose line, as --list prints it, contains a text")
	flags.BoolVar(&o.list, "list", false, "print the mutants, and run none")
	if err := flags.Parse(args); err != nil {
		return o, err
	}
	for _, r := range rooms() {
		if flags.NArg() == 0 || slices.Contains(flags.Args(), r.dir) {
			o.rooms = append(o.rooms, r)
		}
	}
	for _, name := range flags.Args() {
		if !slices.ContainsFunc(rooms(), func(r room) bool { return r.dir == name }) {
			return o, fmt.Errorf("no such room: %q; one of %v", name, rooms())
		}
	}
	return o, nil
}

// command executes one command line.
func command(ctx context.Context, args []string, out, progress io.Writer) error {
	o, err := parse(args)
	if err != nil {
		return err
	}
	list, errs := parseEquivalent(equivalentList)
	if err := errors.Join(errs...); err != nil {
		return err
	}
	return try(ctx, o, list, out, progress)
}

// try makes the mutants, tries those that are wanted, and prints what became of them. Too few
// killed ones are an error.
func try(ctx context.Context, o options, list []entry, out, progress io.Writer) error {
	codes, err := load(ctx, o.root, o.rooms)
	if err != nil {
		return err
	}
	var schemata []*schema
	var all []*mutant
	for _, c := range codes {
		s, err := c.mutate()
		if err != nil {
			return err
		}
		schemata, all = append(schemata, s), append(all, s.mutants...)
	}
	why, errs := reasons(list, all, o.rooms)
	if err := errors.Join(errs...); err != nil {
		return err
	}
	wanted := o.draw(all, why)
	if o.list {
		for _, m := range all {
			if wanted[m] {
				fmt.Fprintln(out, m.key())
			}
		}
		return nil
	}
	if len(wanted) == 0 {
		return errors.New("no mutants are left to try")
	}
	results, err := o.runAll(ctx, schemata, wanted, progress)
	if err != nil {
		return err
	}
	for i, r := range results {
		if results[i].reason = why[r.mutant]; results[i].reason != "" && r.fate.killed() {
			errs = append(errs, fmt.Errorf("equivalent.txt: a test kills it, remove the entry: %s", r.mutant.key()))
		}
	}
	total := report(out, results)
	if least := o.least(total); total.rate() < least {
		errs = append(errs, fmt.Errorf("%.1f %% of the mutants were killed, fewer than %.3g %%: "+
			"a survivor is a mistake that no test of its room would notice", total.rate(), least))
	}
	return errors.Join(errs...)
}

// least returns the share of killed mutants below which a run fails, in percent. A sample may be
// below the floor by chance: two standard deviations of one whose true share is the floor, which is
// seven points for a hundred mutants.
func (o options) least(t tally) float64 {
	n := float64(t.made - t.equivalent)
	if o.sample == 0 || n == 0 {
		return o.floor
	}
	return o.floor - 2*math.Sqrt(o.floor*(100-o.floor)/n)
}

// draw returns the mutants to try. A sample has none that change nothing.
func (o options) draw(all []*mutant, why map[*mutant]string) map[*mutant]bool {
	var left []*mutant
	for _, m := range all {
		if strings.Contains(m.key(), o.only) && (o.sample == 0 || why[m] == "") {
			left = append(left, m)
		}
	}
	if o.sample > 0 {
		chance := rand.New(rand.NewPCG(o.seed, 0))
		chance.Shuffle(len(left), func(i, j int) { left[i], left[j] = left[j], left[i] })
		left = left[:min(o.sample, len(left))]
	}
	wanted := map[*mutant]bool{}
	for _, m := range left {
		wanted[m] = true
	}
	return wanted
}

// runAll builds each room that has a wanted mutant, and tries these.
func (o options) runAll(ctx context.Context, schemata []*schema, wanted map[*mutant]bool,
	progress io.Writer,
) ([]result, error) {
	scratch, err := os.MkdirTemp("", "chaosrun-mutants-")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(scratch) //nolint:errcheck // a temporary folder
	var results []result
	for _, s := range schemata {
		var mine []*mutant
		for _, m := range s.mutants {
			if wanted[m] {
				mine = append(mine, m)
			}
		}
		if len(mine) == 0 {
			continue
		}
		begun := time.Now()
		b, err := s.build(ctx, o.root, scratch)
		if err != nil {
			return nil, err
		}
		built := time.Since(begun)
		broken, err := b.trace(ctx, o.workers)
		if err != nil {
			return nil, err
		}
		if len(broken) > 0 {
			return nil, fmt.Errorf("%s fails without any mutant, so nothing can be said:\n%s", s.code.room.dir,
				strings.Join(broken, "\n"))
		}
		traced := time.Since(begun) - built
		fates := make([]fate, len(mine))
		var done atomic.Int64
		parallel(o.workers, len(mine), func(i int) {
			if ctx.Err() == nil {
				fates[i] = b.judge(ctx, mine[i])
			}
			if n := done.Add(1); n%100 == 0 {
				fmt.Fprintf(progress, "%s: %d of %d after %s\n", s.code.room.dir, n, len(mine),
					time.Since(begun).Round(time.Second))
			}
		})
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		for i, m := range mine {
			results = append(results, result{mutant: m, room: s.code.room.dir, fate: fates[i]})
		}
		fmt.Fprintf(progress,
			"%s: %d of %d mutants (%d are no Go) by %d tests; built in %s, traced in %s, all after %s\n",
			s.code.room.dir, len(mine), len(s.mutants), s.refused,
			len(b.units), built.Round(time.Second), traced.Round(time.Second), time.Since(begun).Round(time.Second))
	}
	return results, nil
}
