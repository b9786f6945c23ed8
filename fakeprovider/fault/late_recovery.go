package fault

import (
	"cmp"
	"context"
	"errors"
	"time"

	"github.com/chaosrun/chaosrun/fakeprovider"
)

// LateRecovery stalls in the middle of the answer and then goes on.
type LateRecovery struct {
	// After is how many pieces of the answer arrive before the stall. Default 2. A response that
	// is not streamed stalls before its body.
	After int `yaml:"after"`
	// Stall is how long nothing comes. Default 54.4s, one of those that
	// https://github.com/anthropics/claude-code/issues/55647 measured before the answer went on.
	// To meet a deadline, set it to just beyond it.
	Stall time.Duration `yaml:"stall"`
}

var (
	_ fakeprovider.Overlay   = LateRecovery{}
	_ fakeprovider.Step      = LateRecovery{}
	_ fakeprovider.Validator = LateRecovery{}
)

const defaultStall = 54400 * time.Millisecond

// Info describes the fault.
func (LateRecovery) Info() fakeprovider.Info {
	return fakeprovider.Info{
		IDs: []string{"S9"}, Name: "late-recovery",
		Title: "The answer stalls, and goes on when somebody may have given it up",
		Why: "A deadline and the next token meet. Engines that do not cancel the loser show both, or the same " +
			"text twice.",
		Right: fakeprovider.Right{
			Reaction: fakeprovider.AnswerFromAny,
			Note:     "Let exactly one answer win: deliver it once, and cancel the other one.",
		},
		Issues: []string{
			"https://github.com/anthropics/claude-code/issues/55647",
			"https://github.com/anthropics/claude-code/issues/18028",
		},
		Default: LateRecovery{After: defaultMalformedAfter, Stall: defaultStall},
	}
}

// Validate refuses negative numbers.
func (p LateRecovery) Validate() error {
	return errors.Join(atLeastOne("late-recovery", "after", p.After), notNegative("late-recovery", "stall", p.Stall))
}

// Script delays a healthy answer.
func (p LateRecovery) Script() fakeprovider.Script { return fakeprovider.Alone(p) }

// Lay returns the fault itself, as a step.
func (p LateRecovery) Lay() fakeprovider.Script { return fakeprovider.Script{p} }

// Play installs the filter.
func (p LateRecovery) Play(ctx context.Context, x fakeprovider.Exchange) error {
	x.Filters().Through(onContent(x, cmp.Or(p.After, defaultMalformedAfter)+1,
		func(_ fakeprovider.Frame, data []byte, next func([]byte) error) error {
			if err := x.Wait(ctx, cmp.Or(p.Stall, defaultStall)); err != nil {
				return err
			}
			return next(data)
		}))
	return nil
}
