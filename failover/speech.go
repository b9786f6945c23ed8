package failover

// A question is what a provider is asked: a request as far as it is the provider's business. The last message may be the assistant's: then
// the answer goes on where that stops.
type question struct {
	system   string
	messages []Message
	tools    []Tool
	stream   bool
}

// A stream is one response, event by event; one that is not streamed is a single event. It is not safe for concurrent use.
type stream interface {
	Next() bool
	event() event
	Err() error
	Close() error
}

// An event is one thing that a provider said.
type event struct {
	text, thinking string
	tools          []ToolPiece
	// refuses says that the text is the model's refusal, in the words that the protocol has for one.
	refuses bool
	// place tells the event from all others of the answer, as far as the protocol does.
	position position
	// finish is why the answer ended; done says that the protocol's last event of the answer is here.
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
