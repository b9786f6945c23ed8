package fault

import (
	"context"

	"github.com/chaosrun/chaosrun/fakeprovider"
)

// OneSegment sends all frames of the answer at once.
type OneSegment struct{}

var (
	_ fakeprovider.Overlay = OneSegment{}
	_ fakeprovider.Step    = OneSegment{}
	_ fakeprovider.Slicer  = OneSegment{}
)

// maxSegment bounds the bytes that are sent at once.
const maxSegment = 1 << 20

// Info describes the fault.
func (OneSegment) Info() fakeprovider.Info {
	return fakeprovider.Info{
		IDs: []string{"S11"}, Name: "one-segment",
		Title: "The whole stream arrives at once, at its end",
		Why: "One read returns many events. Who takes only the first of them shows a beginning, and who waits for " +
			"the first token sees none until all are there.",
		Right: fakeprovider.Right{
			Reaction: fakeprovider.LeaveAlone,
			Note:     "Read every event, and be patient: a slow first token is no failure.",
		},
		Issues: []string{
			"https://github.com/graniet/llm/pull/90",
			"https://github.com/mattn/tensai/pull/110",
		},
		StreamOnly: "a body is one piece already",
		Default:    OneSegment{},
	}
}

// Script holds back a healthy answer.
func (p OneSegment) Script() fakeprovider.Script { return fakeprovider.Alone(p) }

// Slices marks an overlay that cuts or joins frames.
func (OneSegment) Slices() {}

// Lay returns the fault itself, as a step.
func (p OneSegment) Lay() fakeprovider.Script { return fakeprovider.Script{p} }

// Play installs the filter.
func (OneSegment) Play(_ context.Context, x fakeprovider.Exchange) error {
	var s segment
	x.Filters().Through(s.keep)
	x.Filters().AtEnd(s.send)
	return nil
}

// A segment collects frames that leave together.
type segment struct {
	data []byte
	next []func([]byte) error
}

// keep keeps a frame. It passes errors, which are no part of the answer.
func (s *segment) keep(f fakeprovider.Frame, data []byte, next func([]byte) error) error {
	if f.Kind == fakeprovider.FrameError || len(s.data)+len(data) > maxSegment {
		if err := s.send(); err != nil {
			return err
		}
		return next(data)
	}
	s.data, s.next = append(s.data, data...), append(s.next, next)
	return nil
}

// send sends the collected frames.
func (s *segment) send() error {
	data, all := s.data, s.next
	s.data, s.next = nil, nil
	for i, next := range all {
		var b []byte
		if i == len(all)-1 {
			b = data
		}
		if err := next(b); err != nil {
			return err
		}
	}
	return nil
}
