package timeline

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// An Event is one thing that was seen to happen.
type Event struct {
	// At is the time since the run began, in scenario time.
	At time.Duration
	// Lane is where it was seen: "client/call-1", "provider/primary/call-1/attempt-2", "engine"
	// or "world".
	Lane string
	// Seq is the position within the lane, from 1.
	Seq int
	// Attempt is the number of the provider's request that it belongs to, from 1; 0 outside a
	// provider's lane.
	Attempt int
	// Kind says what happened.
	Kind Kind
	// Text is the content or the explanation; its meaning depends on Kind.
	Text string
	// Part is the number of the tool call in its answer that a piece of one belongs to, from 1. It
	// is 0 for other events, and if nobody said which.
	Part int
	// Asked is what a request asked for. It is nil for other events, and if nobody compared.
	Asked *Asked
	// Count is how many consecutive equal events this one represents, 1 or more.
	Count int
	// Until is when the last of them happened. It equals At if Count is 1.
	Until time.Duration
	// Gap is the longest time between two of them in a row, as far as a caller got them over HTTP.
	// It is 0 for other events.
	Gap time.Duration
}

// ClientLane returns the lane of what the caller of call n saw, from 1.
func ClientLane(call int) string { return "client/call-" + strconv.Itoa(call) }

// ProviderLane returns the lane of one request: its provider, its call, and its number among the
// provider's requests, both from 1. Call 0 is a request that belongs to no call.
func ProviderLane(provider string, call, attempt int) string {
	return fmt.Sprintf("provider/%s/call-%d/attempt-%d", provider, call, attempt)
}

// EngineLane holds what the engine under test reports about itself. WorldLane holds what the
// harness saw of the world.
const (
	EngineLane = "engine"
	WorldLane  = "world"
)

// parseLane splits a lane. provider is "" for a client's lane, and ok is false for the engine's
// and the world's.
func parseLane(lane string) (provider string, call, attempt int, ok bool) {
	if n, found := strings.CutPrefix(lane, "client/call-"); found {
		call, err := strconv.Atoi(n)
		return "", call, 0, err == nil
	}
	rest, found := strings.CutPrefix(lane, "provider/")
	if !found {
		return "", 0, 0, false
	}
	// The name may contain slashes, so the two numbers are cut off the end.
	rest, last, found := cutLast(rest, "/attempt-")
	if !found {
		return "", 0, 0, false
	}
	provider, middle, found := cutLast(rest, "/call-")
	if !found {
		return "", 0, 0, false
	}
	attempt, err1 := strconv.Atoi(last)
	call, err2 := strconv.Atoi(middle)
	return provider, call, attempt, err1 == nil && err2 == nil
}

func cutLast(s, sep string) (before, after string, found bool) {
	i := strings.LastIndex(s, sep)
	if i < 0 {
		return s, "", false
	}
	return s[:i], s[i+len(sep):], true
}
