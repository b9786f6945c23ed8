package campaign

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math"
	"os"
	"slices"
	"sync"
	"time"

	"github.com/chaosrun/chaosrun/assertions"
	"github.com/chaosrun/chaosrun/internal/readfile"
	"github.com/chaosrun/chaosrun/reports"
)

// A runKey holds everything that determines a run. Runs with equal keys are the same run.
type runKey struct {
	Scenario string            `json:"scenario"`
	SHA256   string            `json:"scenario_sha256"`
	Target   string            `json:"target"`
	Policy   string            `json:"policy"`
	File     string            `json:"target_sha256,omitempty"`
	Version  string            `json:"version"`
	Settings map[string]string `json:"settings"`
	Limits   assertions.Limits `json:"limits_ns"`
	Clock    string            `json:"clock"`
	Cadence  string            `json:"cadence"`
	Seed     uint64            `json:"seed"`
}

// keyOf returns the key of a job.
func keyOf(j Job) runKey {
	k := engineKey(j)
	k.Scenario, k.SHA256, k.Seed = j.Scenario.Name, j.Scenario.SHA256, j.Seed
	k.Limits, k.Cadence = j.limits(), j.plan.options.Cadence.String()
	if cut, _ := j.callLimit(); cut > 0 {
		k.Limits[CallLimit] = cut
	}
	return k
}

// engineKey returns the part of a job's key that says which engine it is.
func engineKey(j Job) runKey {
	target, policy := j.Variant.names()
	return runKey{
		Target: target, Policy: policy, File: j.Variant.SHA256, Version: j.version(), Settings: j.Variant.Settings,
		Clock: j.clock().String(),
	}
}

// A finishedLine is one line of the file: a run, or the shortest timer of an engine.
type finishedLine struct {
	Key   runKey         `json:"key"`
	Run   *reports.Run   `json:"run,omitempty"`
	Timer *time.Duration `json:"timer_ns,omitempty"`
}

// keyHash identifies a key in memory.
type keyHash [sha256.Size]byte

func (k runKey) hash() keyHash {
	data, err := json.Marshal(k)
	if err != nil {
		panic(err) // it holds only strings, numbers and maps of them
	}
	return sha256.Sum256(data)
}

// A place is the position of a line in the file.
type place struct {
	at   int64
	size int
}

// finished is the file of finished runs, one JSON object a line. It keeps the positions of the runs
// in memory, not the runs. It is safe for concurrent use, and several programs may append to one
// file. A nil finished has no runs and ignores new ones.
type finished struct {
	path string

	mu     sync.Mutex
	places map[keyHash]place
	timers map[keyHash]time.Duration
	whole  int64 // the length up to the last complete line that was read
	lines  int   // how many lines these are
	file   *os.File
	err    error // the first one
}

// openFinished reads the file, if there is one. A last line that is torn, because the program was
// killed as it wrote it, is ignored. An invalid line before it is a [DataError].
func openFinished(path string) (*finished, error) {
	if path == "" {
		return nil, nil //nolint:nilnil // a nil finished is an empty one
	}
	f := &finished{path: path, places: map[keyHash]place{}, timers: map[keyHash]time.Duration{}}
	err := readfile.Check(path)
	if errors.Is(err, fs.ErrNotExist) {
		return f, nil
	}
	if err != nil {
		return nil, usage("resume", "{option} %v", err)
	}
	file, err := os.Open(path)
	if err != nil {
		return nil, usage("resume", "{option} %s: %v", path, err)
	}
	defer file.Close() //nolint:errcheck // it was only read
	_, err = f.scan(file)
	return f, err
}

// scan reads the lines that were added since the last scan. torn reports whether the last line has
// no end.
func (f *finished) scan(file *os.File) (torn bool, err error) {
	lines := bufio.NewReader(io.NewSectionReader(file, f.whole, math.MaxInt64-f.whole))
	for {
		line, err := lines.ReadBytes('\n')
		if errors.Is(err, io.EOF) {
			return len(line) > 0, nil
		}
		if err == nil {
			err = f.read(line)
		}
		if err != nil {
			return false, &DataError{fmt.Errorf("%s:%d:1: not a finished run: %w; name another file for --resume, or "+
				"delete this one", f.path, f.lines+1, err)}
		}
	}
}

// read takes one complete line.
func (f *finished) read(line []byte) error {
	var l struct {
		Key   *runKey         `json:"key"`
		Run   json.RawMessage `json:"run"`
		Timer *time.Duration  `json:"timer_ns"`
	}
	if err := json.Unmarshal(line, &l); err != nil {
		return err //nolint:wrapcheck // it is wrapped with the line
	}
	switch {
	case l.Key == nil || (l.Run == nil) == (l.Timer == nil):
		return errors.New(`want "key" with "run" or "timer_ns"`)
	case l.Timer != nil:
		f.timers[l.Key.hash()] = *l.Timer
	case f.file == nil && couldNotLook(l.Run): // in an earlier run; it is made again
	default:
		f.places[l.Key.hash()] = place{at: f.whole, size: len(line)}
	}
	f.whole += int64(len(line))
	f.lines++
	return nil
}

// couldNotLook reports whether a run is unknown because the harness could not look: the engine is
// not installed, or the machine stalled. Other unknown runs saw too little.
func couldNotLook(data []byte) bool {
	var run reports.Run
	return json.Unmarshal(data, &run) == nil && slices.ContainsFunc(run.Expectations, func(e reports.Expectation) bool {
		return e.Name == assertions.PremiseName && e.Verdict == assertions.Unknown
	})
}

// append opens the file for more runs. It reads what was appended since the last read, and cuts off
// a torn last line.
func (f *finished) append() error {
	if f == nil {
		return nil
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	//nolint:gosec // a report is for others to read
	file, err := os.OpenFile(f.path, os.O_RDWR|os.O_CREATE|os.O_APPEND, 0o644)
	if err != nil {
		return usage("resume", "{option} %s: %v", f.path, err)
	}
	torn, err := f.scan(file)
	if err == nil && torn {
		err = file.Truncate(f.whole)
	}
	if err != nil {
		return errors.Join(err, file.Close())
	}
	f.file, f.err = file, nil
	return nil
}

// close closes the file. It returns the first error of reading or writing it.
func (f *finished) close() error {
	if f == nil || f.file == nil {
		return nil
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if err := f.file.Close(); f.err == nil && err != nil {
		f.err = &OutputError{err}
	}
	f.file = nil
	return f.err
}

// has reports whether the file has the run of a job.
func (f *finished) has(j Job) bool {
	if f == nil {
		return false
	}
	k := keyOf(j).hash()
	f.mu.Lock()
	defer f.mu.Unlock()
	_, ok := f.places[k]
	return ok
}

// find returns the run of a job, if the file has it.
func (f *finished) find(j Job) (reports.Run, bool) {
	if f == nil {
		return reports.Run{}, false
	}
	k := keyOf(j).hash()
	f.mu.Lock()
	at, ok := f.places[k]
	f.mu.Unlock()
	if !ok {
		return reports.Run{}, false
	}
	data := make([]byte, at.size)
	var line finishedLine
	_, err := f.file.ReadAt(data, at.at)
	if err == nil {
		err = json.Unmarshal(data, &line)
	}
	if err != nil || line.Run == nil {
		f.fail(fmt.Errorf("%s: %w", f.path, errors.Join(err, errors.New("it was changed while it was read"))))
		return reports.Run{}, false
	}
	return *line.Run, true
}

// add appends a run.
func (f *finished) add(j Job, run reports.Run) {
	if f != nil {
		f.write(finishedLine{Key: keyOf(j), Run: &run})
	}
}

// write appends a line with a single write, so that a run that is killed leaves one torn line at
// most.
func (f *finished) write(line finishedLine) {
	data, err := json.Marshal(line)
	if err != nil {
		f.fail(err)
		return
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.err == nil && f.file != nil {
		if _, err := f.file.Write(append(bytes.ReplaceAll(data, []byte("\n"), nil), '\n')); err != nil {
			f.err = &OutputError{err}
		}
	}
}

// fail keeps the first error.
func (f *finished) fail(err error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.err == nil {
		f.err = &OutputError{err}
	}
}

// timer returns the shortest timer of an engine that the file has, 0 if the search found none.
func (f *finished) timer(k runKey) (shortest time.Duration, ok bool) {
	if f == nil {
		return 0, false
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	shortest, ok = f.timers[k.hash()]
	return shortest, ok
}

// addTimer appends the shortest timer of an engine.
func (f *finished) addTimer(k runKey, shortest time.Duration) {
	if f != nil {
		f.write(finishedLine{Key: k, Timer: &shortest})
	}
}
