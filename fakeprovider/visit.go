package fakeprovider

import (
	"net/http"
	"strings"

	"github.com/chaosrun/chaosrun/timeline"
)

// A Visit is one request and what the provider makes of it.
type Visit struct {
	// HTTP is the request as it came, its body read. It may be looked at only until the watcher returns. It is nil where a fault
	// acts before there is a request.
	HTTP *http.Request
	// Request is what it asks for; where it was refused, as much of that as could be read.
	Request Request
	// Call and Attempt name its lane; Attempt is 0 where it was refused.
	Call, Attempt int
	// BodyBytes is the body's length; 0 where it could not be read.
	BodyBytes int
	// Fault is what it gets; nil where it was refused.
	Fault Fault
	// Refusal is why it was refused; nil where it was not.
	Refusal *Problem
}

// A Watcher is told of every request before anything is answered. The function that it returns is called once the
// exchange is over, with the kind of event that ended it: ResponseEnded, ConnectionCut, ConnectionReset or ClientDisconnected,
// HarnessFailed where the script could not be played, and 0 where the provider was closed. Both are called from
// many goroutines at once.
type Watcher func(v Visit) (over func(ending timeline.Kind))

// A Picker may choose what a single request gets in place of the script that is due, which then waits for the next
// one; nil leaves it to the script. It may change the request, whose model the answer names. A problem refuses it.
type Picker func(r *http.Request, req *Request) (Fault, *Problem)

// NameOf returns the name of a fault, "script" for a Script, the names of its parts for a Together, that of its fault for a
// Limited, and "" for one that has no name.
func NameOf(p Fault) string {
	switch p := p.(type) {
	case Script:
		return "script"
	case Limited:
		return NameOf(p.Fault)
	case Together:
		names := make([]string, len(p))
		for i, part := range p {
			names[i] = NameOf(part)
		}
		return strings.Join(names, " + ")
	}
	info, _ := infoOf(p)
	return info.Name
}

// pick asks the picker, if there is one.
func (p *Provider) pick(r *http.Request, req *Request) (Fault, *Problem) {
	if p.o.Pick == nil {
		return nil, nil
	}
	return p.o.Pick(r, req)
}

// watch tells the watcher, if there is one.
func (p *Provider) watch(v Visit) (over func(timeline.Kind)) {
	if p.o.Watch != nil {
		if over := p.o.Watch(v); over != nil {
			return over
		}
	}
	return func(timeline.Kind) {}
}
