package failover

// SDK says how the vendors' libraries are set up.
type SDK struct {
	// Retries is how often the SDK repeats a request by itself, with waits from the global
	// math/rand. RequestsPerProvider and Budget bound them as any other retry. Default: 0;
	// OpenAI's and Anthropic's own default is 2, Google's is 0.
	Retries int `yaml:"retries"`
	// RetriesByProtocol replaces Retries for the protocols that it names, and for profiles of
	// theirs.
	RetriesByProtocol map[string]int `yaml:"retries_by_protocol"`
	// AsIs leaves bodies and redirects to the SDK. Google's SDK reads a comment as an error, and
	// none of the three ends a line at a CR alone. OpenAI's and Anthropic's accept JSON in place of
	// a text. All follow redirects anywhere, Anthropic's and Google's with the key. Default: false:
	// the engine removes comments for Google's SDK and joins its data of several lines. It reads a
	// byte order mark and line ends as specified
	// (https://html.spec.whatwg.org/multipage/server-sent-events.html#parsing-an-event-stream). A
	// value that should be a text is a stream_parse_error, and a redirect to another origin, or to
	// a GET, an http_status.
	AsIs bool `yaml:"as_is"`
}

func (s SDK) retries(protocol string) int {
	return byProtocol(s.RetriesByProtocol, protocol, s.Retries)
}

// byProtocol returns the value of a protocol, else of the protocol whose profile it is, else
// otherwise.
func byProtocol[T any](of map[string]T, protocol string, otherwise T) T {
	for _, name := range []string{protocol, family(protocol)} {
		if v, ok := of[name]; ok {
			return v
		}
	}
	return otherwise
}
