package harness

import (
	"fmt"
	"net"
	"net/http"
	"testing/synctest"
	"time"

	"github.com/chaosrun/chaosrun/fakeprovider"
	"github.com/chaosrun/chaosrun/internal/bubble"
	"github.com/chaosrun/chaosrun/internal/memnet"
)

// virtual runs in virtual time, with an in-memory network.
type virtual struct {
	patience time.Duration
	progress func() uint64
	network  *memnet.Network
	guard    *guard
	// interrupt ends a run before its time, and stop asks what goes on in it to end.
	interrupt <-chan struct{}
	stop      func()
}

var _ world = (*virtual)(nil)

func (w *virtual) run(f func()) error {
	//nolint:wrapcheck // the caller takes it apart
	return bubble.Run(f, bubble.Options{
		Patience: w.patience, Progress: w.progress, Interrupt: w.interrupt, Stop: w.stop,
	})
}

func (w *virtual) kind() fakeprovider.World { return fakeprovider.WorldVirtual }

func (w *virtual) listen(provider, scheme, _ string) (net.Listener, string, error) {
	host, port := provider+".test", "80"
	if scheme == "https" {
		port = "443"
	}
	l, err := w.network.Listen(net.JoinHostPort(host, port))
	if err != nil {
		return nil, "", fmt.Errorf("listen for %s: %w", provider, err)
	}
	return l, host, nil
}

func (w *virtual) transport() *http.Transport {
	return &http.Transport{DialContext: w.network.DialContext}
}

func (w *virtual) speed() float64 { return 1 }

func (w *virtual) settle() { synctest.Wait() }

func (w *virtual) open() []string { return w.network.Open() }

func (w *virtual) close() { w.network.Close() }
