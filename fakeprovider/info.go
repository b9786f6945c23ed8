package fakeprovider

// A Described fault has a name and documents itself. The stage asks for Info, so that the faults
// of any program have names.
type Described interface {
	Fault
	// Info describes the fault. It does not depend on the parameters.
	Info() Info
}

// Info documents a fault: `chaosrun explain`, docs/FAULTS.md and editors show it.
type Info struct {
	// Name is the fault's name in scenarios.
	Name string
	// Title says in one line what happens.
	Title string
	// Why says what a client gets wrong about it.
	Why string
	// Right is what a right engine does about it.
	Right Right
	// IDs are its rows in the taxonomy of docs/FAULTS.md, for example "C4": C is the connection, H
	// is HTTP, S is the stream of events, M is what the stream says.
	IDs []string
	// Issues are links to public threads in which it happened.
	Issues []string
	// Cannot gives the reason for each world in which the fault cannot happen.
	Cannot map[World]string
	// Needs is what it requires of the connection.
	Needs Need
	// HTTP1 says that it takes the whole connection. Requests share one over HTTP/2, so it
	// requires HTTP/1.1.
	HTTP1 bool
	// StreamOnly gives the reason why it cannot happen in a response that is not streamed. Empty:
	// it can.
	StreamOnly string
	// Proxied says that it happens at a proxy between client and provider, through which the
	// client must go.
	Proxied bool
	// Default is the fault with the default of every parameter. Loaders decode over a copy of it.
	Default Fault
}

// infoOf returns the Info of a fault; ok is false if it has none.
func infoOf(p Fault) (info Info, ok bool) {
	if d, ok := p.(Described); ok {
		return d.Info(), true
	}
	return Info{}, false
}
