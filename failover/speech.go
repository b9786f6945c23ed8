package failover

// A question is the part of a Request that concerns the provider. If the last message is the
// assistant's, the answer continues it.
type question struct {
	system   string
	messages []Message
	tools    []Tool
	stream   bool
}

// A stream is one response, event by event. A response that is not streamed is a single event. It
// is not safe for concurrent use.
type stream interface {
	Next() bool
	event() event
	Err() error
	Close() error
}

// An event holds one event of a response, whatever the protocol.
type event struct {
	text, thinking string
	tools          []ToolPiece
	// refuses reports that the text is the model's refusal, in the protocol's own words for one.
	refuses bool
	// position identifies the event within the answer, as far as the protocol does.
	position position
	// finish is the finish reason; done reports the protocol's last event of the answer.
	finish string
	done   bool
	model  string
	usage  Usage
}

func (e event) content() bool {
	if e.text != "" || e.thinking != "" {
		return true
	}
	for _, p := range e.tools {
		if p != (ToolPiece{Index: p.Index}) {
			return true
		}
	}
	return false
}

// Usage counts tokens as the provider counted them.
type Usage struct{ Input, Output int64 }
