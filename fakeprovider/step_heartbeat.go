package fakeprovider

import "context"

// Heartbeat keeps the stream open in the vendor's own way, with a comment or `event: ping`, and
// carries no content. In a response that is not streamed it sends nothing.
type Heartbeat struct{}

var _ Step = Heartbeat{}

// Play sends one heartbeat.
func (Heartbeat) Play(_ context.Context, x Exchange) error {
	return x.Send(Frame{Kind: FrameHeartbeat})
}
