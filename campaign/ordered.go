package campaign

import (
	"context"
	"iter"
	"sync"
)

// window is how many results for each worker may wait for one that is late.
const window = 16

// ordered does the jobs, some side by side, and yields what came of them in the order of the jobs.
// It stops early when ctx ends or the consumer has enough; jobs under way are waited for. However
// many jobs there are, it holds a bounded number of them.
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

// send reports whether a value was sent before ctx ended.
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
