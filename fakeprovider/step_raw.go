package fakeprovider

import "context"

// Raw sends bytes outside of any protocol, for what no vendor would send.
type Raw struct {
	// Value is sent as it is, line ends included.
	Value string `yaml:"value"`
}

var _ Step = Raw{}

// Play sends the bytes.
func (s Raw) Play(_ context.Context, x Exchange) error {
	return x.Bytes([]byte(s.Value))
}
