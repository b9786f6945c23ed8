package fakeprovider

// A Described fault has a name and says what is known of it. The stage asks for it: faults of another program have names too.
type Described interface {
	Fault
	// Info describes the fault. It does not depend on the fault's parameters.
	Info() Info
}

// Info documents a fault. Default holds every parameter's default, so a loader decodes over a copy of it.
type Info struct {
	// Name is the fault's name in scenarios and in `list faults`.
	Name string
	// Title says in one line what happens.
	Title string
	// Why says what a client can get wrong about it.
	Why string
	// Right is what a right engine does about it.
	Right Right
	// IDs are its rows in the taxonomy of docs/FAULTS.md, "C4" for instance: C for the connection, H for HTTP, S for the
	// stream of events, M for what is said in it.
	IDs []string
	// Issues are public threads that show it happening.
	Issues []string
	// Cannot says for each world where the fault cannot be had why that is so.
	Cannot map[World]string
	// Needs is what it asks of the connection.
	Needs Need
	// HTTP1 says that it takes the connection for itself, which requests share over HTTP/2: it needs HTTP/1.1.
	HTTP1 bool
	// StreamOnly says why it cannot be had in a response that is not streamed; empty where it can.
	StreamOnly string
	// Proxied says that it happens at a proxy between the client and the provider, which the client has to go through.
	Proxied bool
	// Default is the fault with its defaults.
	Default Fault
}

// infoOf returns what a fault says of itself; ok is false where it says nothing.
func infoOf(p Fault) (info Info, ok bool) {
	if d, ok := p.(Described); ok {
		return d.Info(), true
	}
	return Info{}, false
}
