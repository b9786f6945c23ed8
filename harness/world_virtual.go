package harness

import (
	"fmt"
	"net"
	"net/http"
	"testing/synctest"
	"time"

	"github.com/chaosrun/chaosrun/internal/bubble"
	"github.com/chaosrun/chaosrun/internal/memnet"
)

// virtual is a bubble with a network in memory.
type virtual struct {
	patience time.Duration
	progress func() uint64
	network  *memnet.Network
}

var _ world = (*virtual)(nil)

func (w *virtual) run(f func()) error {
	return bubble.Run(f, bubble.Options{Patience: w.patience, Progress: w.progress}) //nolint:wrapcheck // the caller takes it apart
}

func (w *virtual) listen(provider string) (net.Listener, string, error) {
	host := provider + ".test"
	l, err := w.network.Listen(host + ":80")
	if err != nil {
		return nil, "", fmt.Errorf("listen for %s: %w", provider, err)
	}
	return l, "http://" + host, nil
}

func (w *virtual) transport() *http.Transport {
	return &http.Transport{DialContext: w.network.DialContext}
}

func (w *virtual) speed() float64 { return 1 }

func (w *virtual) settle() { synctest.Wait() }

func (w *virtual) open() []string { return w.network.Open() }

func (w *virtual) close() { w.network.Close() }
