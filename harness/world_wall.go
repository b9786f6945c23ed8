package harness

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"time"

	"github.com/chaosrun/chaosrun/fakeprovider"
)

// wall is real time over loopback TCP, accelerated or not.
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

// settleTime is more than a close takes to cross loopback on a busy machine.
const settleTime = 50 * time.Millisecond

func (w wall) settle() { time.Sleep(settleTime) }

// open returns nothing: which side a socket of this process belongs to cannot be told.
func (w wall) open() []string { return nil }

func (w wall) close() {}
