package harness

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/chaosrun/chaosrun/internal/bubble"
	"github.com/chaosrun/chaosrun/timeline"
)

// stopped adds the event of a bubble whose time stood still. A goroutine that waits for a mutex
// stops virtual time whether the mutex is ever unlocked or not, so the run is unknown if the
// engine has a goroutine that may yet unlock it. If it has none, the call is blocked for ever.
func stopped(events []timeline.Event, stuck *bubble.StuckError) []timeline.Event {
	switch stuck.Cause {
	case bubble.RealIO:
		return appendEvent(events, timeline.WorldLane, timeline.HarnessFailed, stuck.Error()+"; "+waysOut)
	case bubble.Outside:
		return appendEvent(events, timeline.WorldLane, timeline.HarnessFailed,
			stuck.Error()+", a channel or group that was made outside of the run; "+
				"make it in the Factory, and use Lab.Context in place of a test's, or --clock x60 (harness.WithClock)")
	case bubble.Mutex, bubble.Spin:
	}
	holders := mayHold(stuck)
	if stuck.Cause != bubble.Mutex || len(holders) == 0 {
		return appendEvent(events, underWay(events), timeline.CallBlocked, stuck.Error())
	}
	return appendEvent(events, timeline.WorldLane, timeline.HarnessFailed,
		fmt.Sprintf("virtual time stands still: %s waits for a mutex, and %s may hold it. "+
			"That is a deadlock, or the mutex is held across a wait, and the Go runtime does not tell which. Build "+
			"with the overlay that `chaosrun dev overlay` writes, or use --clock x60 (harness.WithClock)",
			stuck.Culprits[0].At(isEngine).Place(), placesOf(holders)))
}

// heldUp reports whether a run ended because of a mutex that is perhaps only held across a wait.
func heldUp(err error) bool {
	stuck, ok := errors.AsType[*bubble.StuckError](err)
	return ok && stuck.Cause == bubble.Mutex && len(mayHold(stuck)) > 0
}

// again returns the option that makes a run again on another clock.
func again(clock Clock, err error) Option {
	return func(o *options) {
		o.clock, o.fallback = clock, nil
		o.because = fmt.Sprintf("made again at %s, because virtual time stood still: %v", clock, err)
	}
}

// mayHold returns the goroutines of the engine that are blocked in virtual time.
func mayHold(stuck *bubble.StuckError) []bubble.Goroutine {
	return slices.DeleteFunc(slices.Clone(stuck.Goroutines),
		func(g bubble.Goroutine) bool { return !g.Durable() || !ofEngine(g) })
}

// ofEngine reports whether a goroutine runs code of the engine, or was started by it.
func ofEngine(g bubble.Goroutine) bool {
	return slices.ContainsFunc(g.Functions(), isEngine)
}

// isEngine reports whether a function is neither the standard library's nor the harness's.
func isEngine(function string) bool {
	path := packageOf(function)
	own := slices.ContainsFunc(ownPackages(),
		func(own string) bool { return path == module+own || strings.HasPrefix(path, module+own+"/") })
	return isModule(path) && (!own || strings.HasPrefix(path, module+"/harness/harnesstest"))
}

// module is the path of this module.
const module = "github.com/chaosrun/chaosrun"

// ownPackages returns the packages whose goroutines are those of the harness.
func ownPackages() []string { return []string{"/fakeprovider", "/harness", "/internal", "/timeline"} }

// packageOf returns the path of a function's package: "a.b/c" of "a.b/c.(*T).f".
func packageOf(function string) string {
	slash := strings.LastIndexByte(function, '/') + 1
	name, _, _ := strings.Cut(function[slash:], ".")
	return function[:slash] + name
}

// isModule reports whether a package is none of the standard library, whose paths begin with a word
// without a dot. Package main is the engine's.
func isModule(path string) bool {
	first, _, _ := strings.Cut(path, "/")
	return strings.Contains(first, ".") || first == "main"
}

// placesOf names at most three goroutines, each at its innermost line outside the standard library
// and the harness.
func placesOf(gs []bubble.Goroutine) string {
	const most = 3
	var said []string
	for _, g := range gs {
		said = append(said, g.At(isEngine).Place())
	}
	slices.Sort(said)
	said = slices.Compact(said)
	return strings.Join(said[:min(most, len(said))], " or ")
}
