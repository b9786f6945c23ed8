package failover

import (
	"errors"
	"strings"
)

var (
	// ErrChainExhausted reports that no provider of the chain answered.
	ErrChainExhausted = errors.New("chain exhausted")
	// ErrInterrupted reports that a stream broke after content, and that the caller cannot be told
	// to start over.
	ErrInterrupted = errors.New("answer interrupted")
	// ErrRefused reports a failure after which the policy asks no other provider.
	ErrRefused = errors.New("request refused")
	// ErrDeadline reports that the policy's deadline for the call or its turn has passed.
	ErrDeadline = errors.New("deadline of the call passed")
	// ErrClosed reports that the engine is closed.
	ErrClosed = errors.New("engine closed")
)

// A CallError reports a call that ended without an answer.
type CallError struct {
	// Err says why the call ended: [ErrRequest], or one of the sentinels above.
	Err error
	// Attempts holds the last failed attempt at each provider that was asked, in order.
	Attempts []*AttemptError
}

// Error returns the reason and the last failure of each provider.
func (e *CallError) Error() string {
	parts := make([]string, len(e.Attempts))
	for i, a := range e.Attempts {
		parts[i] = a.Error()
	}
	if len(parts) == 0 {
		return e.Err.Error()
	}
	return e.Err.Error() + ": " + strings.Join(parts, "; ")
}

// Unwrap returns the reason and the attempts.
func (e *CallError) Unwrap() []error {
	errs := []error{e.Err}
	for _, a := range e.Attempts {
		errs = append(errs, a)
	}
	return errs
}
