package harness

import (
	"cmp"
	"context"
	"fmt"
	"net"
	"net/http"
	"strconv"
	"time"

	"github.com/chaosrun/chaosrun/fakeprovider"
)

// wall runs in real time over TCP. k is the acceleration. outside says that the engine is another
// process, so that no fault can act on its dials.
type wall struct {
	k       float64
	outside bool
}

var _ world = wall{}

func (w wall) run(f func()) error { f(); return nil }

func (w wall) kind() fakeprovider.World {
	if w.outside {
		return fakeprovider.WorldServe
	}
	return fakeprovider.WorldLoopback
}

func (w wall) listen(provider, _, at string) (net.Listener, string, error) {
	var lc net.ListenConfig
	l, err := lc.Listen(context.Background(), "tcp", cmp.Or(at, "127.0.0.1:0"))
	if err != nil {
		return nil, "", fmt.Errorf("listen for %s: %w", provider, err)
	}
	host := l.Addr().String()
	if tcp, ok := l.Addr().(*net.TCPAddr); ok && tcp.IP.IsUnspecified() {
		host = net.JoinHostPort("127.0.0.1", strconv.Itoa(tcp.Port))
	}
	return l, host, nil
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
