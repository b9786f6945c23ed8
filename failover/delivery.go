package failover

import "strings"

// DeltaKind says what a Delta carries.
type DeltaKind uint8

const (
	// DeltaText carries a piece of the answer.
	DeltaText DeltaKind = iota + 1
	// DeltaThinking carries a piece of reasoning.
	DeltaThinking
	// DeltaToolCall carries a piece of a tool call: its name, then its arguments.
	DeltaToolCall
	// DeltaRestart tells the caller to forget all that came before it.
	DeltaRestart
)

// A Delta is one thing that the caller of the engine sees.
type Delta struct {
	Kind DeltaKind
	// Text is the piece. Of a tool call it is the name, then the arguments.
	Text string
	// Tool is the same piece of a DeltaToolCall, field by field. The calls as a whole stand in Answer.ToolCalls.
	Tool ToolPiece
}

// delivery is what the caller has been given. It is the commit point: as long as nothing was delivered, nobody can tell
// that providers were switched.
type delivery struct {
	emit func(Delta)
	// some says that the caller holds something, old that it is of an attempt that is over.
	started, outdated bool
	// text is kept only where the policy may send it back to be continued.
	keep      bool
	text      strings.Builder
	continues bool
}

// deliver gives the caller one delta, and before the first one after a switch a restart marker.
func (d *delivery) deliver(delta Delta) {
	if d.outdated {
		d.outdated = false
		d.text.Reset()
		d.emit(Delta{Kind: DeltaRestart})
	}
	d.started = true
	if d.keep && delta.Kind == DeltaText {
		d.text.WriteString(delta.Text)
	}
	d.emit(delta)
}

// abandon makes what was delivered old: what comes next does not belong to it.
func (d *delivery) abandon() {
	d.outdated = d.started
	d.continues = false
}

// partial returns what the next provider is to continue.
func (d *delivery) partial() string {
	if !d.continues {
		return ""
	}
	return d.text.String()
}
