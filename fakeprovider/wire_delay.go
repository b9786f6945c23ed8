package fakeprovider

import (
	"bytes"
	"context"
	"fmt"
	"net"
	"sync"
	"time"

	"github.com/chaosrun/chaosrun/timeline"
)

// lateBytes is how many bytes may be under way on a delayed connection, which is what a socket's
// buffer holds. Further writes wait.
const lateBytes = 64 << 10

// Delay makes everything that is written arrive late, above earlier damages, and records the
// fault's name. It calls delay for each write, for a time in scenario time. Writes never overtake
// each other. The exchange ends when all of them have arrived.
func (w *Wire) Delay(name string, delay func() time.Duration) {
	w.x.rec.Record(w.x.lane, timeline.FaultInjected, name)
	late := &delayedConn{
		Conn: w.conn, delay: delay, ctx: w.x.ctx, scale: w.x.scale, changed: make(chan struct{}),
		done: make(chan struct{}),
	}
	w.conn = late
	w.delayed = append([]*delayedConn{late}, w.delayed...)
	go late.deliver()
}

// drain waits until all delayed writes have arrived, from the uppermost layer down.
func (w *Wire) drain() error {
	for _, late := range w.delayed {
		if err := late.drain(); err != nil {
			return w.x.writeError(err)
		}
	}
	return nil
}

// delayedConn delivers each write some time later, from a goroutine that ends with ctx.
type delayedConn struct {
	net.Conn

	delay func() time.Duration
	ctx   context.Context //nolint:containedctx // the exchange's context
	scale float64
	done  chan struct{} // closed when deliver has ended

	mu      sync.Mutex
	queue   []delayedPiece
	bytes   int
	last    time.Time
	err     error         // why delivery has stopped
	changed chan struct{} // closed and replaced at each change
}

// delayedPiece is one write under way.
type delayedPiece struct {
	due   time.Time
	bytes []byte
}

// update calls f under the lock. If f returns true, update wakes everybody and returns nil.
// Otherwise it returns a channel that is closed at the next change.
func (c *delayedConn) update(f func() bool) (wait <-chan struct{}) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if !f() {
		return c.changed
	}
	close(c.changed)
	c.changed = make(chan struct{})
	return nil
}

// Write queues b for delivery.
func (c *delayedConn) Write(b []byte) (int, error) {
	due := time.Now().Add(time.Duration(float64(c.delay()) * c.scale))
	var err error
	for {
		wait := c.update(func() bool {
			if c.err == nil && c.bytes > 0 && c.bytes+len(b) > lateBytes {
				return false
			}
			if err = c.err; err == nil {
				if due.Before(c.last) {
					due = c.last
				}
				c.last = due
				c.queue = append(c.queue, delayedPiece{due, bytes.Clone(b)})
				c.bytes += len(b)
			}
			return true
		})
		switch {
		case err != nil:
			return 0, err
		case wait == nil:
			return len(b), nil
		}
		select {
		case <-wait:
		case <-c.ctx.Done():
			return 0, context.Cause(c.ctx) //nolint:wrapcheck // the sentinel must arrive as it is
		}
	}
}

// drain waits until everything has been delivered.
func (c *delayedConn) drain() error {
	for {
		var err error
		wait := c.update(func() bool {
			err = c.err
			return c.err != nil || c.bytes == 0
		})
		if wait == nil {
			return err
		}
		select {
		case <-wait:
		case <-c.ctx.Done():
			return context.Cause(c.ctx) //nolint:wrapcheck // the sentinel must arrive as it is
		}
	}
}

// deliver writes each piece when it is due.
func (c *delayedConn) deliver() {
	defer close(c.done)
	for {
		var next delayedPiece
		wait := c.update(func() bool {
			if len(c.queue) == 0 {
				return false
			}
			next = c.queue[0]
			c.queue = c.queue[1:]
			return true
		})
		if wait != nil {
			select {
			case <-wait:
				continue
			case <-c.ctx.Done():
				return
			}
		}
		timer := time.NewTimer(time.Until(next.due))
		select {
		case <-timer.C:
		case <-c.ctx.Done():
			timer.Stop()
			return
		}
		_, err := c.Conn.Write(next.bytes)
		c.update(func() bool {
			c.bytes -= len(next.bytes)
			if err != nil {
				c.err = fmt.Errorf("fakeprovider: %w", err)
			}
			return true
		})
		if err != nil {
			return
		}
	}
}
