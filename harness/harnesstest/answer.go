package harnesstest

import (
	"encoding/json"
	"fmt"

	"github.com/chaosrun/chaosrun/harness"
	"github.com/chaosrun/chaosrun/harness/caller"
)

// A user is the engine's caller, and what it has received.
type user struct {
	emit func(harness.Delta)
	// has says that it has received content.
	has bool
	// startsOver says that the next piece belongs to another answer.
	startsOver bool
}

// give delivers a piece of content, after a restart marker if it is the first of another answer.
func (u *user) give(d harness.Delta) {
	if u.startsOver {
		u.emit(harness.Restart())
		u.startsOver = false
	}
	u.has = true
	u.emit(d)
}

// An answer is what one attempt has received so far.
type answer struct {
	user *user
	// progress is called for each piece of content, and settle once, when the answer is whole or
	// the stream has ended.
	progress, settle func()
	// some says that there is text or a tool call, refused that the model refused.
	some, refused bool
	// calls are the arguments of each tool call so far.
	calls map[int]string
	// settled says that settle was called, whole that the answer has finished. broken is the error
	// that a finish reason tells.
	settled, whole bool
	broken         error
}

// take takes a piece of the response. Content after the finish is ignored.
func (a *answer) take(p caller.Piece) {
	switch p.Kind {
	case caller.Text:
		a.content(harness.Text(p.Text))
	case caller.Thinking:
		a.content(harness.Thinking(p.Text))
	case caller.ToolCall:
		a.content(harness.ToolCall(p.Index, "", p.Name, p.Text))
		if !a.whole {
			a.calls[p.Index] += p.Text
		}
	case caller.Refusal:
		a.refused = true
	case caller.Finish:
		a.finish(p.Text)
	case caller.Mark:
		a.end()
	case caller.Model, caller.Usage: // the caller is not told
	}
}

func (a *answer) content(d harness.Delta) {
	if a.whole {
		return
	}
	a.progress()
	a.some = a.some || d.Kind != harness.DeltaThinking
	a.user.give(d)
}

// finish takes the finish reason. Two of them tell an error.
func (a *answer) finish(reason string) {
	if reason == "error" || reason == "MALFORMED_FUNCTION_CALL" {
		a.broken = fmt.Errorf("%w: %s", errBroken, reason)
		return
	}
	a.whole = true
	a.end()
}

func (a *answer) end() {
	if !a.settled {
		a.settled = true
		a.settle()
	}
}

// verdict returns the error of an attempt whose reading ended with err, or nil if the answer is
// whole.
func (a *answer) verdict(err error) error {
	switch {
	case a.refused:
		return errRefused
	case a.whole: // an error after the finish does not matter
	case a.broken != nil:
		return a.broken
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
