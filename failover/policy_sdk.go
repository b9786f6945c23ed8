package failover

// SDK is how the vendors' libraries are set up.
type SDK struct {
	// Retries is how often the SDK repeats a request by itself, with waits from the global math/rand. The default of OpenAI's and Anthropic's
	// is 2, that of Google's none; ours is 0. RequestsPerProvider and Budget bound them as any other retry.
	Retries int `yaml:"retries"`
	// RetriesByProtocol replaces Retries for the protocols that it names, and for profiles of theirs.
	RetriesByProtocol map[string]int `yaml:"retries_by_protocol"`
	// AsIs believes what the SDK makes of a body: Google's takes a comment for an error, none of the three ends a line at a CR alone, and
	// OpenAI's and Anthropic's hand on what should be a text and is none as its JSON, and all follow redirects to wherever they lead, the last two with their key.
	// Default: false, comments are left out for Google's SDK and data in several lines is put together, a byte order mark and line ends are
	// what the specification says (https://html.spec.whatwg.org/multipage/server-sent-events.html#parsing-an-event-stream), what is no text is a
	// stream_parse_error, and a redirect to another origin, or to a GET, is an http_status.
	AsIs bool `yaml:"as_is"`
}

func (s SDK) retries(protocol string) int {
	return byProtocol(s.RetriesByProtocol, protocol, s.Retries)
}

// byProtocol returns what a map says of a protocol, or of the one that it is a profile of.
func byProtocol[T any](of map[string]T, protocol string, otherwise T) T {
	for _, name := range []string{protocol, family(protocol)} {
		if v, ok := of[name]; ok {
			return v
		}
	}
	return otherwise
}
