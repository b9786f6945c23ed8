package fakeprovider

import (
	"slices"
	"strings"
	"time"
)

// A Paced fault holds a stream open for ever with things that are no content, at a steady pace. It
// proves nothing about an engine whose idle timer is shorter than the pause: such an engine gives
// up for the pause alone, whatever it counts. An answer that comes late is not Paced, because its
// pauses are what an engine has to bear.
type Paced interface {
	Fault
	// Pace returns the longest pause between two things that are no content. 0 says that the fault
	// does not hold a stream open that way.
	Pace() time.Duration
	// WithPace returns the fault with pauses of d at most. It does not lengthen any, and does not
	// modify its receiver.
	WithPace(d time.Duration) Fault
}

var (
	_ Paced = Script(nil)
	_ Paced = Limited{}
	_ Paced = Together(nil)
)

// PaceOf returns the longest pause of a fault that is Paced, and 0 for any other.
func PaceOf(p Fault) time.Duration {
	if paced, ok := p.(Paced); ok {
		return paced.Pace()
	}
	return 0
}

// AtPace returns a fault with pauses of d at most. A fault that is not Paced is returned unchanged.
func AtPace(p Fault, d time.Duration) Fault {
	if paced, ok := p.(Paced); ok && paced.Pace() > d {
		return paced.WithPace(d)
	}
	return p
}

// Pace returns the pace of the fault.
func (l Limited) Pace() time.Duration { return PaceOf(l.Fault) }

// WithPace returns the fault with pauses of d at most.
func (l Limited) WithPace(d time.Duration) Fault {
	l.Fault = AtPace(l.Fault, d)
	return l
}

// Pace returns the longest pause of the parts.
func (t Together) Pace() (longest time.Duration) {
	for _, part := range t {
		longest = max(longest, PaceOf(part))
	}
	return longest
}

// WithPace returns the parts with pauses of d at most.
func (t Together) WithPace(d time.Duration) Fault {
	t = slices.Clone(t)
	for i, part := range t {
		t[i] = AtPace(part, d)
	}
	return t
}

// Pace returns the longest pause of an endless Repeat without content.
func (s Script) Pace() (longest time.Duration) {
	for _, step := range s {
		if r, ok := step.(Repeat); ok && r.holdsOpen() {
			longest = max(longest, r.Every)
			for _, inner := range r.Steps {
				if wait, ok := inner.(Wait); ok {
					longest = max(longest, wait.For)
				}
			}
		}
	}
	return longest
}

// WithPace returns the script with an endless Repeat without content at pauses of d at most. A
// Wait before it that is no longer than its own pauses is a pause too.
func (s Script) WithPace(d time.Duration) Fault {
	s = slices.Clone(s)
	for i, step := range s {
		r, ok := step.(Repeat)
		if !ok || !r.holdsOpen() {
			continue
		}
		pace := Script{r}.Pace()
		r.Every, r.Steps = min(r.Every, d), slices.Clone(r.Steps)
		for k, inner := range r.Steps {
			if wait, ok := inner.(Wait); ok {
				r.Steps[k] = Wait{For: min(wait.For, d)}
			}
		}
		s[i] = r
		if i == 0 {
			continue
		}
		if wait, ok := s[i-1].(Wait); ok && wait.For <= pace {
			s[i-1] = Wait{For: min(wait.For, d)}
		}
	}
	return s
}

// holdsOpen reports whether a Repeat never ends and sends only what is no content.
func (s Repeat) holdsOpen() bool {
	sends := false
	for _, step := range s.Steps {
		if _, ok := step.(Wait); ok {
			continue
		}
		if !contentless(step) {
			return false
		}
		sends = true
	}
	return sends && s.Times == 0
}

// contentless reports whether a step sends something that is neither content nor an end.
func contentless(step Step) bool {
	switch step := step.(type) {
	case Heartbeat, Comment:
		return true
	case SendFrame:
		switch step.Kind {
		case FrameStart.String(), FrameHeartbeat.String(), FrameComment.String():
			return true
		case FrameText.String(), FrameThinking.String(), FrameRefusal.String():
			return step.Text == ""
		}
	case Raw:
		text := strings.TrimSpace(step.Value)
		return text == "" || strings.HasPrefix(text, ":")
	}
	return false
}
