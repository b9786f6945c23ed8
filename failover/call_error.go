package failover

import (
	"errors"
	"strings"
)

var (
	// ErrChainExhausted says that no provider of the chain answered.
	ErrChainExhausted = errors.New("chain exhausted")
	// ErrInterrupted says that a stream broke after content, and that the caller cannot be told to start over.
	ErrInterrupted = errors.New("answer interrupted")
	// ErrRefused says that the request failed for a reason after which the policy asks nobody else.
	ErrRefused = errors.New("request refused")
	// ErrDeadline says that the policy's deadline for the call passed.
	ErrDeadline = errors.New("deadline of the call passed")
	// ErrClosed says that the engine is closed.
	ErrClosed = errors.New("engine closed")
)

// A CallError is a call that nobody answered.
type CallError struct {
	// Err is why the call ended: one of the sentinels above.
	Err error
	// Attempts is the last failed attempt at each provider that was asked, in order.
	Attempts []*AttemptError
}

// Error tells the reason and the last failure of each provider.
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
