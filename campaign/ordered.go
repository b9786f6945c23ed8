package campaign

import (
	"context"
	"iter"
	"sync"
)

// window is the number of results per worker that may wait for a slower one.
const window = 16

// A lane runs at most width jobs at once.
type lane struct{ id, width int }

// schedule says how many jobs run side by side.
type schedule[J any] struct {
	parallel int
	// lane returns the lane of a job. Jobs of a lane begin in their order. Default: all jobs share
	// one, as wide as parallel.
	lane func(J) lane
}

// ordered runs the jobs in parallel and yields the results in the order of the jobs. It stops
// early when ctx ends or when the consumer stops; then the context of the jobs in progress ends
// too, and it waits for them. The result of a job that never began is the zero R. It keeps a
// bounded number of jobs in memory.
func ordered[J, R any](ctx context.Context, jobs iter.Seq[J], s schedule[J],
	do func(context.Context, J) R,
) iter.Seq[R] {
	return func(yield func(R) bool) {
		ctx, cancel := context.WithCancel(ctx)
		var wg sync.WaitGroup
		defer wg.Wait()
		defer cancel()
		d := &dispatcher[J, R]{
			schedule: s, do: do, wg: &wg, slots: make(chan struct{}, s.parallel),
			results: make(chan chan R, window*s.parallel), queues: map[int]chan task[J, R]{},
		}
		wg.Go(func() { d.dispatch(ctx, jobs) })
		for result := range d.results {
			if !yield(<-result) {
				return
			}
		}
	}
}

// A dispatcher starts the jobs of ordered.
type dispatcher[J, R any] struct {
	schedule[J]

	do      func(context.Context, J) R
	wg      *sync.WaitGroup
	slots   chan struct{}
	results chan chan R
	queues  map[int]chan task[J, R] // by lane
}

// A task is a job and where its result goes.
type task[J, R any] struct {
	job    J
	result chan R
}

// dispatch starts the jobs in order until ctx ends.
func (d *dispatcher[J, R]) dispatch(ctx context.Context, jobs iter.Seq[J]) {
	defer close(d.results)
	defer func() {
		for _, queue := range d.queues {
			close(queue)
		}
	}()
	for j := range jobs {
		t := task[J, R]{job: j, result: make(chan R, 1)}
		if d.lane != nil {
			// A queue has room for all results that may wait, so it takes every task that results
			// has taken.
			if !send(ctx, d.results, t.result) {
				return
			}
			d.queue(ctx, d.lane(j)) <- t
			continue
		}
		if !send(ctx, d.slots, struct{}{}) {
			return
		}
		if !send(ctx, d.results, t.result) {
			return
		}
		d.wg.Go(func() {
			defer func() { <-d.slots }()
			t.result <- d.do(ctx, t.job)
		})
	}
}

// queue returns the queue of a lane. It starts the lane's workers the first time.
func (d *dispatcher[J, R]) queue(ctx context.Context, l lane) chan<- task[J, R] {
	if queue, ok := d.queues[l.id]; ok {
		return queue
	}
	queue := make(chan task[J, R], cap(d.results)+1)
	d.queues[l.id] = queue
	for range min(l.width, d.parallel) {
		d.wg.Go(func() {
			for t := range queue {
				var none R
				if !send(ctx, d.slots, struct{}{}) {
					t.result <- none
					continue
				}
				t.result <- d.do(ctx, t.job)
				<-d.slots
			}
		})
	}
	return queue
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
