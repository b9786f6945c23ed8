package harness

import (
	"net"
	"net/http"

	"github.com/chaosrun/chaosrun/fakeprovider"
)

// A world provides the network and the clock of a run.
type world interface {
	// run calls f in the world's time and returns when f is done. The error explains a broken
	// clock.
	run(f func()) error
	// kind returns the world's name, as faults use it.
	kind() fakeprovider.World
	// listen opens the provider's address and returns its host. The host includes the port unless
	// it is the scheme's default. at is HOST:PORT; a virtual world ignores it, and "" is a free
	// address.
	listen(provider, scheme, at string) (l net.Listener, host string, err error)
	// transport returns a transport that reaches every listener.
	transport() *http.Transport
	// speed returns the scenario seconds per second of package time.
	speed() float64
	// settle waits until nothing more can happen at the current instant.
	settle()
	// open describes the open connections of the client's side.
	open() []string
	// close breaks all connections, so that no peer keeps waiting.
	close()
}
