package fakeprovider

import (
	"errors"
	"fmt"
	"sync/atomic"
)

// DefaultSteps is how many pieces and waits the scripts of a run may take, all providers together.
// The longest scenario of the catalogue takes 14,400: one token a second for two hours. Two
// million take some five seconds of real time.
const DefaultSteps = 2_000_000

// A Budget bounds what the scripts of a run do: each frame, each piece of raw bytes and each wait
// is a step. A script that goes round without pause ends then, rather than never. It is safe for
// concurrent use, and Stop may be called from outside of the run's time.
type Budget struct {
	most, used atomic.Int64
}

// NewBudget returns a budget of that many steps.
func NewBudget(most int) *Budget {
	b := &Budget{}
	b.most.Store(int64(most))
	return b
}

// ErrStopped says that the run is over by Budget.Stop.
var ErrStopped = errors.New("fakeprovider: the run was stopped")

// A StormError says that the scripts of a run have used up their budget.
type StormError struct{ Steps int64 }

// Error says how many steps there were.
func (e *StormError) Error() string {
	return fmt.Sprintf("the scripts of the providers have sent and waited %d times: a storm of their own", e.Steps)
}

// Stop ends every script at its next step.
func (b *Budget) Stop() { b.most.Store(-1) }

// step uses up a step. A nil Budget has no end.
func (b *Budget) step() error {
	if b == nil {
		return nil
	}
	used, most := b.used.Add(1), b.most.Load()
	switch {
	case most < 0:
		return ErrStopped
	case used > most:
		return &StormError{Steps: most}
	}
	return nil
}
