package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
)

// A unit is what can be run by itself: a test, an example, a fuzz target with its seeds, or one
// spec of a Ginkgo suite.
type unit struct {
	// test is the name of the Go test, spec the whole text of the spec, "" if the test is no suite.
	test, spec string
	// file is the name of the file that declares it.
	file string
	took time.Duration
}

// String names the unit.
func (u *unit) String() string {
	if u.spec != "" {
		return u.test + ": " + u.spec
	}
	return u.test
}

// list finds the units.
func (b *binary) list(ctx context.Context) error {
	b.suite = b.findSuite()
	r := b.run(ctx, limits{within: time.Minute}, "-test.list", "^(Test|Example|Fuzz)")
	if r.how != survived {
		return fmt.Errorf("%s: the list of its tests: %s\n%s", b.code.room.dir, r.how, r.said)
	}
	for line := range strings.Lines(r.said) {
		if name := strings.TrimSpace(line); name != "" && name != b.suite && !slices.Contains(b.code.room.slow, name) {
			b.units = append(b.units, &unit{test: name, file: b.fileOf(name)})
		}
	}
	if b.suite == "" {
		return nil
	}
	report := filepath.Join(b.scratch, "specs.json")
	r = b.run(ctx, limits{within: time.Minute}, "-test.run", "^"+b.suite+"$", "-ginkgo.dry-run", "-ginkgo.json-report",
		report)
	data, err := os.ReadFile(report)
	if r.how != survived || err != nil {
		return fmt.Errorf("%s: the list of its specs: %s, %w\n%s", b.code.room.dir, r.how, err, r.said)
	}
	var suites []struct {
		Specs []struct {
			Containers []string `json:"ContainerHierarchyTexts"`
			Leaf       string   `json:"LeafNodeText"`
			At         struct {
				File string `json:"FileName"`
			} `json:"LeafNodeLocation"`
			State string `json:"State"`
		} `json:"SpecReports"`
	}
	if err := json.Unmarshal(data, &suites); err != nil {
		return fmt.Errorf("%s: the list of its specs: %w", b.code.room.dir, err)
	}
	for _, suite := range suites {
		for _, s := range suite.Specs {
			spec := strings.Join(append(s.Containers, s.Leaf), " ")
			if s.State == "passed" && s.Leaf != "" && !slices.Contains(b.code.room.slow, spec) {
				b.units = append(b.units, &unit{test: b.suite, spec: spec, file: filepath.Base(s.At.File)})
			}
		}
	}
	return nil
}

// fileOf returns the name of the file that declares a test, or "".
func (b *binary) fileOf(test string) string {
	for _, name := range b.code.tests {
		data, err := os.ReadFile(filepath.Join(b.code.dir, name))
		if err == nil && bytes.Contains(data, []byte("\nfunc "+test+"(")) {
			return name
		}
	}
	return ""
}

// findSuite returns the name of the test that runs Ginkgo's specs, or "".
func (b *binary) findSuite() string {
	declared := regexp.MustCompile(`(?m)^func (Test\w*)\(`)
	for _, name := range b.code.tests {
		data, err := os.ReadFile(filepath.Join(b.code.dir, name))
		if err != nil {
			continue
		}
		before, _, found := bytes.Cut(data, []byte("\tRunSpecs("))
		if all := declared.FindAllSubmatch(before, -1); found && len(all) > 0 {
			return string(all[len(all)-1][1])
		}
	}
	return ""
}

// arguments returns what runs some units in one process, until the first failure.
func (b *binary) arguments(units []*unit) []string {
	var tests, specs []string
	for _, u := range units {
		if !slices.Contains(tests, u.test) {
			tests = append(tests, u.test)
		}
		if u.spec != "" {
			specs = append(specs, regexp.QuoteMeta(u.spec))
		}
	}
	args := []string{"-test.run", "^(" + strings.Join(tests, "|") + ")$", "-test.failfast"}
	if len(specs) > 0 {
		args = append(args, "-ginkgo.fail-fast", "-ginkgo.seed", "1", "-ginkgo.focus",
			"(^| )("+strings.Join(specs, "|")+")$")
	}
	return args
}

// trace runs each unit without a mutant, and sees which mutants it reaches. Units that fail so are
// left out and returned.
func (b *binary) trace(ctx context.Context, workers int) (broken []string, err error) {
	b.reached = map[*mutant][]*unit{}
	var mu sync.Mutex
	parallel(workers, len(b.units), func(i int) {
		u := b.units[i]
		path := filepath.Join(b.scratch, "trace-"+strconv.Itoa(i))
		r := b.run(ctx, limits{within: 2 * time.Minute, trace: path}, append(b.arguments([]*unit{u}), "-test.v")...)
		u.took = took(r.said)
		data, _ := os.ReadFile(path) // a unit may reach none
		mu.Lock()
		defer mu.Unlock()
		if r.how != survived {
			broken = append(broken, fmt.Sprintf("%s: %s\n%s", u, r.how, r.said))
			return
		}
		at := map[int]bool{}
		for word := range strings.FieldsSeq(string(data)) {
			if n, err := strconv.Atoi(word); err == nil {
				at[n] = true
			}
		}
		for _, m := range b.mutants {
			if at[b.sites[m]] {
				b.reached[m] = append(b.reached[m], u)
			}
		}
	})
	for _, units := range b.reached {
		slices.SortStableFunc(units, func(a, b *unit) int { return int(a.took - b.took) })
	}
	return broken, ctx.Err()
}

// took returns how long the last test took that a verbose run tells of, without the start of the
// process. It tells hundredths of a second.
func took(said string) time.Duration {
	all := regexp.MustCompile(`(?m)--- PASS: .*\((\d+\.\d+s)\)$`).FindAllStringSubmatch(said, -1)
	if len(all) == 0 {
		return time.Second
	}
	d, err := time.ParseDuration(all[len(all)-1][1])
	if err != nil {
		return time.Second
	}
	return max(d, 5*time.Millisecond) //nolint:mnd // what a hundredth hides
}

// parallel calls f for each number below n, in a few goroutines, and waits.
func parallel(workers, n int, f func(i int)) {
	var wg sync.WaitGroup
	next := make(chan int)
	for range max(1, workers) {
		wg.Go(func() {
			for i := range next {
				f(i)
			}
		})
	}
	for i := range n {
		next <- i
	}
	close(next)
	wg.Wait()
}
