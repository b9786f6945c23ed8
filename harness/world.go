package harness

import (
	"net"
	"net/http"

	"github.com/chaosrun/chaosrun/fakeprovider"
)

// A world owns the network and the clock of a run.
type world interface {
	// run calls f in the world's time and returns when f is over. The error says what broke the clock.
	run(f func()) error
	// kind returns the name by which faults know the world.
	kind() fakeprovider.World
	// listen opens the provider's address and returns its host, and the port if that is not the
	// scheme's own.
	listen(provider, scheme string) (l net.Listener, host string, err error)
	// transport returns a transport that reaches every listener.
	transport() *http.Transport
	// speed returns the scenario seconds per second of package time.
	speed() float64
	// settle returns when everything that can happen at this instant has happened.
	settle()
	// open describes the connections that the client's side still holds.
	open() []string
	// close breaks all connections, so that no peer waits any more.
	close()
}
