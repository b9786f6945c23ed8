package serve

import "fmt"

// A UsageError says that what was asked to be served cannot be: a name that does not exist, too few
// upstreams, a port in use.
type UsageError struct{ text string }

// Error says what cannot be served, and why.
func (e *UsageError) Error() string { return e.text }

func usage(format string, args ...any) error { return &UsageError{fmt.Sprintf(format, args...)} }

// A NeedsTLSError says that a provider is to be served without TLS, and that a fault of it needs
// TLS.
type NeedsTLSError struct {
	// Provider is "" where there is only one that can be meant.
	Provider, Fault string
}

// Error names the fault.
func (e *NeedsTLSError) Error() string {
	return fmt.Sprintf("the fault %s needs TLS, and the providers are served without", e.Fault)
}
