package fakeprovider

import (
	"net/http"
	"strings"

	"github.com/chaosrun/chaosrun/timeline"
)

// A Visit is one request and the provider's decision about it.
type Visit struct {
	// HTTP is the raw request, body already consumed, until the watcher returns. Read only. It is
	// nil if a fault acts before a request arrives.
	HTTP *http.Request
	// Request is the parsed request. A refused request has only what could be read of it.
	Request Request
	// Call and Attempt name its lane. Attempt is 0 if the request was refused.
	Call, Attempt int
	// BodyBytes is the length of the body, 0 if it could not be read.
	BodyBytes int
	// Fault is the fault that the request gets, nil if it was refused.
	Fault Fault
	// Refusal is the reason why the request was refused, or nil.
	Refusal *Problem

	asked *timeline.Asked
}

// A Watcher is called for every request before anything is answered. The function that it returns
// is called when the exchange is over, with the kind of the event that ended it: ResponseEnded,
// ConnectionCut, ConnectionReset or ClientDisconnected, HarnessFailed if the script could not be
// played, or 0 if the provider was closed. Both must be safe for concurrent use.
type Watcher func(v Visit) (over func(ending timeline.Kind))

// A Picker may choose the fault of a single request; the due entry then waits for the next one.
// It returns nil to leave the request to the due entry. It may change req, whose model the answer
// names. A problem refuses the request. It must be safe for concurrent use.
type Picker func(r *http.Request, req *Request) (Fault, *Problem)

// NameOf returns the name of a fault: "script" for a Script, the names of all parts for a
// Together, the name of the inner fault for a Limited, and "" for a fault without a name.
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

// pick calls the picker, if there is one.
func (p *Provider) pick(r *http.Request, req *Request) (Fault, *Problem) {
	if p.o.Pick == nil {
		return nil, nil
	}
	return p.o.Pick(r, req)
}

// watch calls the watcher, if there is one.
func (p *Provider) watch(v Visit) (over func(timeline.Kind)) {
	if p.o.Watch != nil {
		if over := p.o.Watch(v); over != nil {
			return over
		}
	}
	return func(timeline.Kind) {}
}
