package harness

import (
	"cmp"
	"fmt"
	"math"
	"strconv"
	"strings"
)

// A Clock says how scenario time passes. The zero Clock is Virtual.
type Clock struct {
	wall bool
	// tree says that this process lives in a time of its own, with everything that it starts. pace
	// is how much faster than real time that passes; 0 is a clock that jumps.
	tree bool
	pace float64
	// speed is scenario seconds per second of the wall; 0 means 1.
	speed float64
}

// Virtual returns a clock that jumps: hours pass in milliseconds, and only code takes real time.
func Virtual() Clock { return Clock{} }

// Tree returns a clock of real time, over loopback TCP, for a process that lives in virtual time
// with everything that it starts: its timers jump, and its name is that of Virtual. What was left
// in real time makes the run unknown.
func Tree() Clock { return Clock{wall: true, speed: 1, tree: true} }

// TreeAt returns Tree for a process whose tree has a clock that passes k times as fast as real
// time, and does not jump. Its name is that of Accelerated: "xK".
func TreeAt(k float64) Clock { return Clock{wall: true, speed: 1, tree: true, pace: k} }

// Wall returns a clock of real time, over loopback TCP.
func Wall() Clock { return Clock{wall: true, speed: 1} }

// Accelerated returns a clock of real time, over loopback TCP, with every duration of the scenario
// divided by k.
func Accelerated(k float64) Clock { return Clock{wall: true, speed: k} }

// maxSpeed keeps a second of the scenario longer than the scheduling error of a busy machine.
const maxSpeed = 1000

// ParseClock reads "virtual", "wall" or "xK", K between 1 and 1000.
func ParseClock(s string) (Clock, error) {
	switch {
	case s == "virtual":
		return Virtual(), nil
	case s == "wall":
		return Wall(), nil
	case strings.HasPrefix(s, "x"):
		k, err := strconv.ParseFloat(s[1:], 64)
		if err == nil && k >= 1 && k <= maxSpeed && !math.IsNaN(k) {
			return Accelerated(k), nil
		}
	}
	return Clock{},
		fmt.Errorf("no such clock: %q; write virtual, wall, or xK with K from 1 to %d, as in x60", s, maxSpeed)
}

// Speed returns how many seconds of the scenario pass in a second of the package's time: K for
// Accelerated, and 1 for the others.
func (c Clock) Speed() float64 { return cmp.Or(c.speed, 1) }

// Pace returns how many seconds of the scenario pass in a second of real time: K for xK, 1 for
// Wall, and 0 for a clock that jumps.
func (c Clock) Pace() float64 {
	switch {
	case !c.wall:
		return 0
	case c.tree:
		return c.pace
	}
	return c.Speed()
}

// IsTree reports whether the clock is that of a process tree.
func (c Clock) IsTree() bool { return c.tree }

// String returns what ParseClock reads.
func (c Clock) String() string {
	switch pace := c.Pace(); pace {
	case 0:
		return "virtual"
	case 1:
		return "wall"
	default:
		return "x" + strconv.FormatFloat(pace, 'g', -1, 64)
	}
}
