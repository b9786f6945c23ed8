package serve

// An Upstream is a fixed address of a provider, as an entry of a target file's `upstreams`.
type Upstream struct {
	// Listen is HOST:PORT. Advertise is the origin that clients are told. Default: that of Listen.
	Listen, Advertise string
	// Protocol is the name of the protocol of a provider that names none. Default:
	// [PlanOptions.Protocol].
	Protocol string
}
