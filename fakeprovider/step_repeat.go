package fakeprovider

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"
)

// Repeat plays its steps again and again.
type Repeat struct {
	// Times is the number of rounds. 0 repeats for ever, until the client goes away.
	Times int `yaml:"times"`
	// Every is the pause between the end of one round and the start of the next.
	Every time.Duration `yaml:"every"`
	// Steps are one round. Required.
	Steps Script `yaml:"steps"`
}

var (
	_ Step      = Repeat{}
	_ Validator = Repeat{}
)

// Validate refuses negative numbers, an empty round, and an endless loop in which no time passes.
func (s Repeat) Validate() error {
	errs := []error{s.Steps.Validate()}
	if s.Times < 0 {
		errs = append(errs, fmt.Errorf("repeat: times is %d, want 0 (for ever) or more", s.Times))
	}
	if s.Every < 0 {
		errs = append(errs, fmt.Errorf("repeat: every is %s, want 0 or more", s.Every))
	}
	if len(s.Steps) == 0 {
		errs = append(errs, errors.New("repeat: steps is empty"))
	}
	if s.Times == 0 && s.Every <= 0 && !s.Steps.takesTime() {
		errs = append(errs, errors.New("repeat: for ever needs every, or a wait among its steps"))
	}
	return errors.Join(errs...)
}

// takesTime reports whether time passes while s is played, or the exchange ends. It assumes so of
// steps that it does not know.
func (s Script) takesTime() bool {
	return slices.ContainsFunc(s, takesTime)
}

// takesTime reports whether time passes while a step is played, or the exchange ends.
func takesTime(step Step) bool {
	switch step := step.(type) {
	case Wait:
		return step.For > 0
	case Text:
		return tokensTakeTime(step.Value, step.ITL, step.Tokens)
	case Think:
		return tokensTakeTime(step.Value, step.ITL, step.Tokens)
	case Refuse:
		return tokensTakeTime(step.Value, step.ITL, step.Tokens)
	case CallTool:
		return step.ITL > 0
	case Repeat:
		return step.Times == 0 || (step.Every > 0 && step.Times > 1) || step.Steps.takesTime()
	case Script:
		return step.takesTime()
	case Respond, SendFrame, Heartbeat, Comment, Finish, Raw:
		return false
	}
	return true
}

// tokensTakeTime reports whether time passes between the tokens of a value. A single token takes
// none, because there is no wait after the last one.
func tokensTakeTime(value string, itl time.Duration, tokens int) bool {
	token, rest := CutToken(value)
	return itl > 0 && (tokens > 1 || token == "" || rest != "")
}

// Play plays the rounds.
func (s Repeat) Play(ctx context.Context, x Exchange) error {
	for round := 0; s.Times == 0 || round < s.Times; round++ {
		if round > 0 {
			if err := x.Wait(ctx, s.Every); err != nil {
				return err
			}
		}
		if err := s.Steps.Play(ctx, x); err != nil {
			return err
		}
	}
	return nil
}
