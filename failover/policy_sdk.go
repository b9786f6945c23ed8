package failover

// SDK is how the vendors' libraries are set up.
type SDK struct {
	// Retries is how often the SDK repeats a request by itself, with waits from the global math/rand. Both SDKs' own
	// default is 2; ours is 0. RequestsPerProvider and Budget bound them as any other retry.
	Retries int `yaml:"retries"`
	// RetriesByProtocol replaces Retries for the protocols that it names.
	RetriesByProtocol map[string]int `yaml:"retries_by_protocol"`
}

func (s SDK) retries(protocol string) int {
	if n, ok := s.RetriesByProtocol[protocol]; ok {
		return n
	}
	return s.Retries
}
