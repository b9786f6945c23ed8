package fakeprovider

import "context"

// Raw sends bytes in nobody's protocol: the way out for what no vendor would say.
type Raw struct {
	// Value is sent as it stands, line ends included.
	Value string `yaml:"value"`
}

var _ Step = Raw{}

// Play sends the bytes.
func (s Raw) Play(_ context.Context, x Exchange) error {
	return x.Bytes([]byte(s.Value))
}
