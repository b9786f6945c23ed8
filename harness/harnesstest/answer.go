package harnesstest

import (
	"encoding/json"

	"github.com/chaosrun/chaosrun/harness"
)

// A caller is the engine's caller, and what it has received.
type caller struct {
	emit func(harness.Delta)
	// has says that it has received content.
	has bool
	// startsOver says that the next piece belongs to another answer.
	startsOver bool
}

// give delivers a piece of content, after a restart marker if it is the first of another answer.
func (c *caller) give(d harness.Delta) {
	if c.startsOver {
		c.emit(harness.Restart())
		c.startsOver = false
	}
	c.has = true
	c.emit(d)
}

// An answer is what one attempt has received so far.
type answer struct {
	caller *caller
	// progress is called for each piece of content.
	progress func()
	// some says that there is text or a tool call, refused that the model refused.
	some, refused bool
	// calls are the arguments of each tool call so far.
	calls map[int]string
	// whole says that the answer has finished, over that the stream has ended.
	whole, over bool
}

// text delivers a piece of the answer. A piece after the finish is ignored.
func (a *answer) text(s string) { a.take(harness.DeltaText, s) }

// thought delivers a piece of reasoning.
func (a *answer) thought(s string) { a.take(harness.DeltaThinking, s) }

func (a *answer) take(kind harness.DeltaKind, s string) {
	if s == "" || a.whole {
		return
	}
	a.progress()
	a.some = a.some || kind == harness.DeltaText
	a.caller.give(harness.Delta{Kind: kind, Text: s})
}

// call delivers a piece of a tool call: its name, or a part of its arguments.
func (a *answer) call(index int, name, arguments string) {
	if name+arguments == "" || a.whole {
		return
	}
	a.progress()
	a.some = true
	a.calls[index] += arguments
	a.caller.give(harness.Delta{Kind: harness.DeltaToolCall, Text: name + arguments})
}

// finish records that the answer has finished.
func (a *answer) finish() { a.whole = true }

// end records the terminal mark of the stream.
func (a *answer) end() { a.over = true }

// refuse records that the model refused.
func (a *answer) refuse() { a.refused = true }

// verdict returns the error of an attempt whose reading ended with err, or nil if the answer is
// whole.
func (a *answer) verdict(err error) error {
	switch {
	case a.refused:
		return errRefused
	case a.whole: // an error after the finish does not matter
	case err != nil:
		return err
	default:
		return errPart
	}
	if !a.some {
		return errEmpty
	}
	for _, arguments := range a.calls {
		var object map[string]any
		if arguments != "" && json.Unmarshal([]byte(arguments), &object) != nil {
			return errBadCall
		}
	}
	return nil
}
