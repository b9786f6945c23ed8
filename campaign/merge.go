package campaign

import (
	"iter"
	"maps"
	"slices"
	"strings"

	"github.com/chaosrun/chaosrun/reports"
	"github.com/chaosrun/chaosrun/scenarios"
)

// A Merge joins JSON reports into one: the shards of a plan in the order of the plan, or whole
// reports one after the other. It reads them twice, run by run, and keeps some 100 bytes of each
// run. It is not safe for concurrent use.
type Merge struct {
	files    []*mergeFile
	shards   []*mergeFile // by index; nil for whole reports, with nil for shards that are missing
	missing  []string
	baseline labels
	judge    *secondJudge
}

// MergeOptions configure a [Merge].
type MergeOptions struct {
	// Partial joins what is there, even if shards or runs are missing.
	Partial bool
	// Baseline is as in [Options].
	Baseline string
	// Vocabulary is as in [Options].
	Vocabulary *scenarios.Vocabulary
	// Note receives a sentence about each run whose verdict is another one now, or that could not
	// be judged again. Default: nobody does.
	Note func(sentence string)
}

// A MergeError says why reports cannot be joined.
type MergeError struct {
	// Problems has a sentence for each reason, with the name of the file and what to do.
	Problems []string
	// Missing says that nothing else is wrong than runs that are missing.
	Missing bool
}

// Error returns the problems, a line each.
func (e *MergeError) Error() string {
	text := strings.Join(e.Problems, "\n")
	if e.Missing {
		text += "\nor join what is there, with --partial"
	}
	return text
}

// OpenMerge reads the reports once, and checks that they are of one plan and that no run is missing
// or there twice. Whole reports of several plans can be joined if they have no run in common, and
// the same seed, version and texts of scenarios. Reports without [reports.Plan], such as those
// below a folder of [Store], are only checked for common runs. A folder stands for every
// report.json below it.
//
// The error is a *[MergeError], or as that of [LoadReports].
func OpenMerge(paths []string, o MergeOptions) (*Merge, error) {
	opened, err := openReports(paths)
	if err != nil {
		return nil, err
	}
	m := &Merge{judge: newSecondJudge(o)}
	if m.baseline, err = readLabels(o.Baseline); err != nil {
		return nil, err
	}
	for _, file := range opened {
		f := &mergeFile{reportFile: file}
		if err := f.scan(); err != nil {
			return nil, err
		}
		m.files = append(m.files, f)
	}
	c := mergeCheck{files: m.files}
	m.shards = c.check()
	m.missing = c.missing
	switch {
	case len(c.problems) > 0:
		return nil, &MergeError{Problems: append(c.problems, c.missing...)}
	case len(c.missing) > 0 && !o.Partial:
		return nil, &MergeError{Problems: c.missing, Missing: true}
	}
	return m, nil
}

// Missing says, a sentence each, which shards or runs are missing.
func (m *Merge) Missing() []string { return m.missing }

// OfPlan reports whether the runs are those of a plan, so that their verdict is one.
func (m *Merge) OfPlan() bool {
	return slices.ContainsFunc(m.files, func(f *mergeFile) bool { return f.head.Plan != nil })
}

// Header returns the header of the joined report: version and seed of the first one, and the
// libraries of all. It has a Plan if all files are of one.
func (m *Merge) Header() reports.Header {
	first := m.files[0].head
	h := reports.Header{Version: first.Version, Seed: first.Seed, SDKVersions: map[string]string{}}
	for _, f := range m.files {
		maps.Copy(h.SDKVersions, f.head.SDKVersions)
	}
	if plan := first.Plan; plan != nil && (m.shards != nil || len(m.files) == 1) {
		whole := *plan
		whole.Shard = ""
		h.Plan = &whole
	}
	return h
}

// Runs calls each for every run in the order of the plan. A run that kept its timeline and the text
// of its scenario is judged again by this version of the program, and has the new verdict. The time
// of the Result is the sum of the files'. The error is that of a file, or what each returned.
func (m *Merge) Runs(each func(reports.Run) error) (*Result, error) {
	c := newCount(m.baseline)
	var wrong error
	for run, err := range m.inOrder() {
		if err != nil {
			wrong = err
			break
		}
		run = m.judge.again(run)
		c.add(run)
		if wrong = each(run); wrong != nil {
			break
		}
	}
	result := c.result()
	for _, f := range m.files {
		result.Summary.Wall += f.head.Summary.Wall
	}
	return result, wrong
}

// inOrder yields the runs of all files in the order of the plan.
func (m *Merge) inOrder() iter.Seq2[reports.Run, error] {
	if m.shards == nil {
		return func(yield func(reports.Run, error) bool) {
			for _, f := range m.files {
				for run, err := range f.runs() {
					if !yield(run, err) {
						return
					}
				}
			}
		}
	}
	return m.interleaved()
}

// interleaved yields the runs of the shards in turn.
func (m *Merge) interleaved() iter.Seq2[reports.Run, error] {
	return func(yield func(reports.Run, error) bool) {
		shards := pullAll(m.shards)
		defer func() {
			for _, shard := range shards {
				shard.stop()
			}
		}()
		for more := true; more; {
			more = false
			for _, shard := range shards {
				run, err, ok := shard.next()
				if ok && !yield(run, err) {
					return
				}
				more = more || ok
			}
		}
	}
}

// A pulled shard is read one run at a time. After the last one, next returns false.
type pulled struct {
	next func() (reports.Run, error, bool)
	stop func()
}

// pullAll opens the shards that are there, in order.
func pullAll(shards []*mergeFile) (all []pulled) {
	for _, f := range shards {
		if f != nil {
			next, stop := iter.Pull2(f.runs())
			all = append(all, pulled{next, stop})
		}
	}
	return all
}
