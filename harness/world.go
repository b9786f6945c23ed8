package harness

import (
	"net"
	"net/http"

	"github.com/chaosrun/chaosrun/fakeprovider"
)

// A world is where and when a run happens: it owns the network and the clock.
type world interface {
	// run calls f in the world's time and returns when it is over. What broke the clock comes back as an error.
	run(f func()) error
	// kind is what faults know it as.
	kind() fakeprovider.World
	// listen opens the provider's address and returns its host, and the port if that is not the scheme's own.
	listen(provider, scheme string) (l net.Listener, host string, err error)
	// transport reaches every listener.
	transport() *http.Transport
	// speed is scenario seconds per second of package time.
	speed() float64
	// settle lets everything that can happen at this instant happen.
	settle()
	// open describes the connections that the client's side still holds.
	open() []string
	// close breaks all connections, so that nobody waits for a peer any more.
	close()
}
