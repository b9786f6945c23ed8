package harnesstest

import (
	"encoding/json"

	"github.com/chaosrun/chaosrun/harness"
)

// A caller is who made the call, and what it has been given.
type caller struct {
	emit func(harness.Delta)
	// has says that it has been given content.
	has bool
	// startsOver says that the next content belongs to another answer.
	startsOver bool
}

// give hands on a piece of content, behind a restart marker where it is another answer's first.
func (c *caller) give(d harness.Delta) {
	if c.startsOver {
		c.emit(harness.Restart())
		c.startsOver = false
	}
	c.has = true
	c.emit(d)
}

// An answer is what one attempt has brought so far.
type answer struct {
	caller *caller
	// progress is called for each piece of content.
	progress func()
	// some says that there is text or a call, refused that the model would not answer.
	some, refused bool
	// calls are the arguments of each tool call so far.
	calls map[int]string
	// whole says that the provider has called the answer whole, over that it will say nothing more.
	whole, over bool
}

// text takes a piece of the answer. What comes behind its end is none.
func (a *answer) text(s string) { a.take(harness.DeltaText, s) }

// thought takes a piece of reasoning.
func (a *answer) thought(s string) { a.take(harness.DeltaThinking, s) }

func (a *answer) take(kind harness.DeltaKind, s string) {
	if s == "" || a.whole {
		return
	}
	a.progress()
	a.some = a.some || kind == harness.DeltaText
	a.caller.give(harness.Delta{Kind: kind, Text: s})
}

// call takes a piece of a tool call: its name, or some of its arguments.
func (a *answer) call(index int, name, arguments string) {
	if name+arguments == "" || a.whole {
		return
	}
	a.progress()
	a.some = true
	a.calls[index] += arguments
	a.caller.give(harness.Delta{Kind: harness.DeltaToolCall, Text: name + arguments})
}

// finish notes that the provider has called the answer whole.
func (a *answer) finish() { a.whole = true }

// end notes that the provider will say nothing more.
func (a *answer) end() { a.over = true }

// refuse notes that the model would not answer.
func (a *answer) refuse() { a.refused = true }

// verdict is what an attempt has come to that ended with err.
func (a *answer) verdict(err error) error {
	switch {
	case a.refused:
		return errRefused
	case a.whole: // whatever happened behind the end
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
