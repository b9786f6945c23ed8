package fakeprovider

import (
	"context"
	"sync"
	"time"
)

// connUses is how often a connection has been used.
type connUses struct {
	mu    sync.Mutex
	count int
	open  int
	since time.Time // when it began to idle
}

// usesKey finds it in a request's context.
type usesKey struct{}

// use begins a use of the connection that a request came on: whether it is the first, and how long the connection had idled.
func beginUse(ctx context.Context) (reused bool, idle time.Duration, done func()) {
	u, ok := ctx.Value(usesKey{}).(*connUses)
	if !ok {
		return false, 0, func() {}
	}
	u.mu.Lock()
	defer u.mu.Unlock()
	if reused = u.count > 0; reused && u.open == 0 {
		idle = time.Since(u.since)
	}
	u.count++
	u.open++
	return reused, idle, func() {
		u.mu.Lock()
		defer u.mu.Unlock()
		u.open--
		u.since = time.Now()
	}
}
