package harness

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"time"

	"github.com/chaosrun/chaosrun/fakeprovider"
)

// wall runs in real time over loopback TCP. k is the acceleration.
type wall struct{ k float64 }

var _ world = wall{}

func (w wall) run(f func()) error { f(); return nil }

func (w wall) kind() fakeprovider.World { return fakeprovider.WorldLoopback }

func (w wall) listen(provider, _ string) (net.Listener, string, error) {
	var lc net.ListenConfig
	l, err := lc.Listen(context.Background(), "tcp", "127.0.0.1:0")
	if err != nil {
		return nil, "", fmt.Errorf("listen for %s: %w", provider, err)
	}
	return l, l.Addr().String(), nil
}

func (w wall) transport() *http.Transport {
	return &http.Transport{DialContext: (&net.Dialer{}).DialContext}
}

func (w wall) speed() float64 { return w.k }

// settleTime exceeds the time that a close needs to cross loopback on a busy machine.
const settleTime = 50 * time.Millisecond

func (w wall) settle() { time.Sleep(settleTime) }

// open returns nil. Sockets of this process cannot be attributed to a side.
func (w wall) open() []string { return nil }

func (w wall) close() {}
