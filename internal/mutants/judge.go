package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path"
	"regexp"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/chaosrun/chaosrun/internal/process"
)

// A fate is what became of a mutant.
type fate int

const (
	survived fate = iota
	// unreached is a survivor that no test runs.
	unreached
	failed
	panicked
	hung
	// swollen took too much memory.
	swollen
)

// String returns the fate in one word.
func (f fate) String() string {
	return [...]string{"survived", "not reached", "failed", "panicked", "hung", "too much memory"}[f]
}

// killed reports whether a test noticed.
func (f fate) killed() bool { return f > unreached }

// limits bound one run of a test binary.
type limits struct {
	mutant int
	trace  string
	within time.Duration
}

// memory is what a run of a room's tests may take, in bytes. They need some 200 MB.
const memory = 1500 << 20

// A verdict is how a run ended, and the end of what it said.
type verdict struct {
	how  fate
	said string
}

// run runs the test binary once. What it started ends with it.
func (b *binary) run(ctx context.Context, l limits, args ...string) verdict {
	ctx, cancel := context.WithTimeout(ctx, l.within)
	defer cancel()
	env := append(os.Environ(), fmt.Sprintf("%s=%d", envMutant, l.mutant), envTrace+"="+l.trace, "GOMEMLIMIT=1GiB",
		"GOMAXPROCS=1", "GOTRACEBACK=single")
	said := &tail{}
	p, err := process.Start(ctx, process.Options{
		Command: append([]string{b.path}, args...), Dir: b.code.dir, Env: env, Stdout: said, Stderr: said,
		Stdin: strings.NewReader(""), Memory: memory,
	})
	if err != nil {
		return verdict{how: hung, said: err.Error()}
	}
	<-p.Done()
	v := verdict{said: said.String()}
	exit, big := &process.ExitError{}, &process.MemoryError{}
	switch err := p.Err(); {
	case ctx.Err() != nil:
		v.how = hung
	case err == nil:
		v.how = survived
	case errors.As(err, &big):
		v.how = swollen
	case errors.As(err, &exit) && exit.Code == 1 && !panics.MatchString(v.said):
		v.how = failed
	default:
		v.how = panicked
	}
	return v
}

// panics finds the first line of a panic, or of an error of Go's runtime.
var panics = regexp.MustCompile(`(?m)^\s*(panic:|fatal error:|\[PANICKED\])`)

// A tail keeps the beginning and the end of what is written to it.
type tail struct {
	mu   sync.Mutex
	text bytes.Buffer
}

// Write keeps at most 64 kB.
func (t *tail) Write(p []byte) (int, error) {
	const most = 64 << 10
	t.mu.Lock()
	defer t.mu.Unlock()
	if room := most - t.text.Len(); room > 0 {
		t.text.Write(p[:min(room, len(p))])
	}
	return len(p), nil
}

// String returns what was kept.
func (t *tail) String() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.text.String()
}

// judge runs the tests that reach a mutant until one of them notices: first those of the file
// beside it, then those that take no time, then the others.
func (b *binary) judge(ctx context.Context, m *mutant) fate {
	units := b.reached[m]
	if len(units) == 0 {
		return unreached
	}
	stem := strings.TrimSuffix(path.Base(m.file), ".go")
	units = slices.Clone(units)
	slices.SortStableFunc(units, func(a, b *unit) int {
		return strings.Compare(b.beside(stem), a.beside(stem))
	})
	const quick, slow = 500 * time.Millisecond, 3 * time.Second
	for i, budget := range []time.Duration{quick, quick, slow, time.Hour} {
		sum, n := time.Duration(0), 0
		for n < len(units) && sum+units[n].took <= budget && (i > 0 || units[n].beside(stem) != "") {
			sum += units[n].took
			n++
		}
		if n == 0 {
			continue
		}
		if v := b.try(ctx, m, units[:n], sum); v.how.killed() {
			return v.how
		}
		units = units[n:]
	}
	return survived
}

// try runs units with a mutant. What takes far longer than it did is run once more, with the time
// that it takes now without a mutant: a busy machine hangs too.
func (b *binary) try(ctx context.Context, m *mutant, units []*unit, took time.Duration) verdict {
	const atLeast, times = 5 * time.Second, 3
	args := b.arguments(units)
	v := b.run(ctx, limits{mutant: m.id, within: atLeast + times*took}, args...)
	if v.how != hung || ctx.Err() != nil {
		return v
	}
	begun := time.Now()
	b.run(ctx, limits{within: time.Minute}, args...)
	return b.run(ctx, limits{mutant: m.id, within: atLeast + times*time.Since(begun)}, args...)
}

// beside returns the name of the unit's file if that is the test of a file with this stem, or "".
func (u *unit) beside(stem string) string {
	if strings.HasPrefix(u.file, stem+"_") {
		return u.file
	}
	return ""
}
