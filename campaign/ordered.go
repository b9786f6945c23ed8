package campaign

import (
	"context"
	"iter"
	"sync"
)

// window is the number of results per worker that may wait for a slower one.
const window = 16

// ordered runs the jobs in parallel and yields the results in the order of the jobs. It stops
// early when ctx ends or when the consumer stops. It waits for the jobs in progress. It keeps a
// bounded number of jobs in memory.
func ordered[J, R any](ctx context.Context, jobs iter.Seq[J], parallel int, do func(J) R) iter.Seq[R] {
	return func(yield func(R) bool) {
		ctx, cancel := context.WithCancel(ctx)
		var wg sync.WaitGroup
		defer wg.Wait()
		defer cancel()
		results := make(chan chan R, window*parallel)
		wg.Go(func() {
			defer close(results)
			slots := make(chan struct{}, parallel)
			for j := range jobs {
				result := make(chan R, 1)
				if !send(ctx, slots, struct{}{}) || !send(ctx, results, result) {
					return
				}
				wg.Go(func() {
					defer func() { <-slots }()
					result <- do(j)
				})
			}
		})
		for result := range results {
			if !yield(<-result) {
				return
			}
		}
	}
}

// send sends a value unless ctx ends first. It reports whether it did.
func send[V any](ctx context.Context, to chan<- V, value V) bool {
	if ctx.Err() != nil {
		return false
	}
	select {
	case <-ctx.Done():
		return false
	case to <- value:
		return true
	}
}
