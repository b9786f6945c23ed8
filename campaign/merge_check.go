package campaign

import (
	"cmp"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/chaosrun/chaosrun/reports"
)

// A mergeFile is a report with what the check needs of each run.
type mergeFile struct {
	*reportFile

	// plan is that of the report, nil for none, and shard its part.
	plan  *reports.Plan
	shard Shard
	// planned and seeds hold what the plan knows of each run. made has both, and the version of the
	// engine.
	planned, made []digest
	seeds         []uint64
	// texts holds the hash of each scenario, and engines the version of each engine, by name.
	texts, engines map[string]string
}

// scan reads all runs. The error is a *[DataError].
func (f *mergeFile) scan() error {
	f.texts, f.engines = map[string]string{}, map[string]string{}
	for run, err := range f.runs() {
		if err != nil {
			return err
		}
		d := cellOf(run).digest()
		f.planned, f.seeds = append(f.planned, d), append(f.seeds, run.Seed)
		f.made = append(f.made,
			sha256.Sum256(append(binary.BigEndian.AppendUint64(d[:], run.Seed), run.TargetVersion...)))
		f.texts[run.Scenario] = run.SHA256
		if run.TargetVersion != "" {
			f.engines[cmp.Or(run.Policy, run.Target)] = run.TargetVersion
		}
	}
	if f.plan = f.head.Plan; f.plan == nil {
		return nil
	}
	var err error
	if f.shard, err = ParseShard(f.plan.Shard); err != nil || f.plan.Runs < 0 {
		return &DataError{fmt.Errorf("%s: not a report: no plan has %d runs and a shard %q", f.path, f.plan.Runs,
			f.plan.Shard)}
	}
	return nil
}

// A mergeCheck collects why some reports cannot be joined.
type mergeCheck struct {
	files []*mergeFile
	// missing is about shards and runs that are not there, and problems about everything else.
	missing, problems []string
}

func (c *mergeCheck) problem(f *mergeFile, format string, args ...any) {
	c.problems = append(c.problems, f.path+": "+fmt.Sprintf(format, args...))
}

// check returns the shards by index, or nil for whole reports.
func (c *mergeCheck) check() []*mergeFile {
	i := slices.IndexFunc(c.files, func(f *mergeFile) bool { return f.shard.Of > 0 })
	if i < 0 {
		c.checkWhole()
		return nil
	}
	return c.checkShards(c.files[i])
}

// checkShards checks that all files are shards of the plan of the first one.
func (c *mergeCheck) checkShards(first *mergeFile) []*mergeFile {
	n := first.shard.Of
	shards := make([]*mergeFile, min(n, max(first.plan.Runs, len(c.files))))
	for _, f := range c.files {
		switch i := f.shard.Index - 1; {
		case f.plan == nil:
			c.problem(f, "it does not say of which plan it is, and %s is shard %s: run it again with this version, or "+
				"leave it out", first.path, first.shard)
		case f.shard.Of == 0:
			c.problem(f, "it is of a whole plan, and %s is shard %s: join shards only", first.path, first.shard)
		case f.shard.Of != n:
			c.problem(f, "it is one of %d shards, and %s one of %d: run it again with --shard I/%[3]d", f.shard.Of,
				first.path, n)
		case c.differs(f, first):
		case i >= len(shards): // empty, and so are its neighbours
		case shards[i] != nil:
			c.problem(f, "it is shard %s, and so is %s: leave one out", f.shard, shards[i].path)
		default:
			shards[i] = f
			c.checkLength(f)
		}
	}
	if len(c.problems) > 0 {
		return shards
	}
	c.missingShards(first, shards)
	if len(c.missing) == 0 {
		c.checkHash(first, shards)
	}
	return shards
}

// missingShards names the shards that are not there. One without runs need not be.
func (c *mergeCheck) missingShards(first *mergeFile, shards []*mergeFile) {
	var names, flags []string
	for i, f := range shards {
		if one := (Shard{Index: i + 1, Of: first.shard.Of}); f == nil && one.of(first.plan.Runs) > 0 {
			names, flags = append(names, one.String()), append(flags, "--shard "+one.String())
		}
	}
	if len(names) == 0 {
		return
	}
	c.missing = append(c.missing, fmt.Sprintf(
		"missing %s %s of %d runs: run the same command with %s, and add the report",
		plural(len(names), "shard", "shards"), list(names), first.plan.Runs, list(flags)))
}

// mostListed is how many names a sentence lists.
const mostListed = 4

// list joins names, and counts those that are too many.
func list(names []string) string {
	if len(names) > mostListed {
		return fmt.Sprintf("%s and %d more", strings.Join(names[:mostListed], ", "), len(names)-mostListed)
	}
	return strings.Join(names, ", ")
}

func plural(n int, one, many string) string {
	if n == 1 {
		return one
	}
	return many
}

// checkLength compares the number of runs with that of the plan's part, and reports whether it is
// that.
func (c *mergeCheck) checkLength(f *mergeFile) bool {
	what := "the plan"
	if f.shard.Of > 0 {
		what = "shard " + f.shard.String()
	}
	switch want := f.shard.of(f.plan.Runs); {
	case len(f.planned) < want:
		c.missing = append(c.missing, fmt.Sprintf("%s: it has %d of the %d runs of %s, which was stopped or "+
			"interrupted: run it again", f.path, len(f.planned), want, what))
	case len(f.planned) > want:
		c.problem(f, "it has %d runs, and %s has %d, so some are there twice: run it again", len(f.planned), what, want)
	default:
		return true
	}
	return false
}

// checkHash compares the runs of complete reports with those of the plan.
func (c *mergeCheck) checkHash(first *mergeFile, shards []*mergeFile) {
	sum := newPlanHash()
	for k := range first.plan.Runs {
		f := shards[k%len(shards)]
		sum.add(f.planned[k/len(shards)], f.seeds[k/len(shards)], 1)
	}
	if sum.String() == first.plan.SHA256 {
		return
	}
	var paths []string
	for _, f := range shards {
		paths = append(paths, f.path)
	}
	c.problems = append(c.problems, list(paths)+": the runs are not those of the plan: one is there twice, or was "+
		"changed by hand; run it again")
}

// checkWhole checks reports that are no shards.
func (c *mergeCheck) checkWhole() {
	seen := map[digest]*mergeFile{}
	var first *mergeFile
	for _, f := range c.files {
		if f.plan != nil {
			if c.checkLength(f) {
				c.checkHash(f, []*mergeFile{f})
			}
			if first == nil {
				first = f
			} else if c.unlike(f, first) {
				continue
			}
		}
		c.checkTwice(f, seen)
	}
}

// checkTwice looks for runs that an earlier report has, too. seen holds the reports of all runs.
func (c *mergeCheck) checkTwice(f *mergeFile, seen map[digest]*mergeFile) {
	twice := 0
	var where *mergeFile
	for _, d := range f.made {
		if other := seen[d]; other != nil && other != f {
			twice, where = twice+1, other
			continue
		}
		seen[d] = f
	}
	if twice > 0 {
		c.problem(f, "%d of its runs are in %s, too: leave one out", twice, where.path)
	}
}

// differs reports whether two shards are of different plans, and says in what.
func (c *mergeCheck) differs(f, first *mergeFile) bool {
	switch {
	case c.unlike(f, first):
	case f.plan.Cadence != first.plan.Cadence:
		c.problem(f, "its --cadence is %s, and that of %s is %s: run it again with the same", cmp.Or(f.plan.Cadence,
			"auto"), first.path, cmp.Or(first.plan.Cadence, "auto"))
	case f.plan.SHA256 != first.plan.SHA256 || f.plan.Runs != first.plan.Runs:
		c.problem(f, "it is of another plan than %s, with %d rather than %d runs: other scenarios, targets, limits, "+
			"clock or --repeat; run it again with the same command line", first.path, f.plan.Runs, first.plan.Runs)
	default:
		return false
	}
	return true
}

// unlike reports whether two reports cannot be compared, and says why.
func (c *mergeCheck) unlike(f, first *mergeFile) bool {
	scenario, engine := clash(f.texts, first.texts), clash(f.engines, first.engines)
	switch a, b := f.head, first.head; {
	case a.Version != b.Version:
		c.problem(f, "it was made by version %s, and %s by version %s: run both with one version", a.Version,
			first.path, b.Version)
	case clash(a.SDKVersions, b.SDKVersions) != "":
		sdk := clash(a.SDKVersions, b.SDKVersions)
		c.problem(f, "its engine used %s %s, and that of %s %s: run both with one version", sdk, a.SDKVersions[sdk],
			first.path, b.SDKVersions[sdk])
	case a.Seed != b.Seed:
		c.problem(f, "its seed is %d, and that of %s is %d: run it again with --seed %[3]d", a.Seed, first.path, b.Seed)
	case scenario != "":
		c.problem(f, "the text of the scenario %s is another than in %s (sha256 %.8s and %.8s): run both on one file",
			scenario, first.path, f.texts[scenario], first.texts[scenario])
	case engine != "":
		c.problem(f, "it has %s in version %s, and %s in version %s: run both with one version", engine,
			f.engines[engine], first.path, first.engines[engine])
	default:
		return false
	}
	return true
}

// clash returns the first key that both have with different values, or "".
func clash(a, b map[string]string) string {
	for _, key := range slices.Sorted(maps.Keys(a)) {
		if other, ok := b[key]; ok && other != a[key] {
			return key
		}
	}
	return ""
}
