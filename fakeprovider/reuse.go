package fakeprovider

import (
	"context"
	"sync"
	"time"
)

// connUses counts the uses of a connection.
type connUses struct {
	mu    sync.Mutex
	count int
	open  int
	since time.Time // start of the idle time
}

// usesKey is the key of connUses in a request's context.
type usesKey struct{}

// beginUse begins a use of the connection that a request came on. It reports whether the
// connection was used before, and how long it had idled. Call done at the end of the use.
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
