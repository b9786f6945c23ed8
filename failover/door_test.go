package failover_test

import (
	"io"
	"net"
	"net/http"
	"os"
	"syscall"
	"time"
)

// door is where a provider's connections are refused, as by a host on which nobody listens. A
// dialer would not do: it does not see which request wants the connection, and there need not be a
// new one for each.
type door struct {
	provider provider
	lab      *lab
	next     http.RoundTripper
}

// RoundTrip refuses the request, or sends it.
func (d door) RoundTrip(req *http.Request) (*http.Response, error) {
	if !d.shut(req) {
		return d.next.RoundTrip(req)
	}
	_ = req.Body.Close()
	return nil, &net.OpError{Op: "dial", Net: "tcp", Err: os.NewSyscallError("connect", syscall.ECONNREFUSED)}
}

// shut takes a refused request down as one that arrived, as it had its turn.
func (d door) shut(req *http.Request) bool {
	body, err := req.GetBody()
	if err != nil {
		panic(err) // all SDKs can repeat a request
	}
	said, _ := io.ReadAll(body)
	l, name := d.lab, d.provider.name
	l.mu.Lock()
	defer l.mu.Unlock()
	if !d.provider.refuses(len(l.hits[name]), string(said)) {
		return false
	}
	l.hits[name] = append(l.hits[name], time.Since(l.began))
	return true
}
