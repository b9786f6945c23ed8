//go:build !linux

package fakeprovider

import (
	"context"
	"net"
	"syscall"
)

// awaitHangup returns when ctx ends. This system has no known way to see the peer's FIN without
// reading what lies before it.
func awaitHangup(ctx context.Context, _ syscall.Conn, _ net.Conn) { <-ctx.Done() }
