package main

import (
	"fmt"
	"io"
	"text/tabwriter"
)

// A tally counts what became of mutants.
type tally struct{ made, killed, survived, equivalent int }

// add counts one mutant.
func (t *tally) add(f fate, equivalent bool) {
	t.made++
	switch {
	case f.killed():
		t.killed++
	case equivalent:
		t.equivalent++
	default:
		t.survived++
	}
}

// rate returns the share of the killed ones among those that change something, in percent.
func (t tally) rate() float64 {
	const percent = 100
	if t.made == t.equivalent {
		return percent
	}
	return percent * float64(t.killed) / float64(t.made-t.equivalent)
}

// A result is what became of one mutant.
type result struct {
	mutant *mutant
	room   string
	fate   fate
	// reason is why the mutant changes nothing, "" if it does.
	reason string
}

// report writes the tables by room and by operator, and then the survivors.
func report(w io.Writer, all []result) (total tally) {
	byRoom, byOperator, fates := map[string]*tally{}, map[string]*tally{}, map[fate]int{}
	var order []string
	for _, r := range all {
		if byRoom[r.room] == nil {
			byRoom[r.room] = &tally{}
			order = append(order, r.room)
		}
		if byOperator[r.mutant.operator] == nil {
			byOperator[r.mutant.operator] = &tally{}
		}
		fates[r.fate]++
		for _, t := range []*tally{byRoom[r.room], byOperator[r.mutant.operator], &total} {
			t.add(r.fate, r.reason != "")
		}
	}
	for _, r := range all {
		if !r.fate.killed() && r.reason == "" {
			fmt.Fprintf(w, "%s: %s\n", r.fate, r.mutant)
		}
	}
	tab := tabwriter.NewWriter(w, 0, 0, 2, ' ', tabwriter.AlignRight)
	row := func(name string, t tally, does string) {
		fmt.Fprintf(tab, "%s\t%d\t%d\t%d\t%d\t%.1f %%\t  %s\n", name, t.made, t.killed, t.survived, t.equivalent,
			t.rate(), does)
	}
	fmt.Fprint(tab, "\noperator\tmade\tkilled\tsurvived\tchange nothing\tkilled\t  what it does\n")
	for _, o := range operators() {
		if t := byOperator[o.name]; t != nil {
			row(o.name, *t, o.does)
		}
	}
	fmt.Fprint(tab, "\t\t\t\t\t\t\nroom\tmade\tkilled\tsurvived\tchange nothing\tkilled\t\n")
	for _, name := range order {
		row(name, *byRoom[name], "")
	}
	row("all", total, "")
	_ = tab.Flush() // what is written to cannot be told
	fmt.Fprintf(w, "\nkilled: %d by a test that failed, %d by a panic, %d by a hang, %d by memory; %d survivors are "+
		"reached by no test\n",
		fates[failed], fates[panicked], fates[hung], fates[swollen], fates[unreached])
	return total
}
