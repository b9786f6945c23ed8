package failover

import "strings"

// A DeltaKind says what a Delta carries.
type DeltaKind uint8

const (
	// DeltaText carries a piece of the answer.
	DeltaText DeltaKind = iota + 1
	// DeltaThinking carries a piece of reasoning.
	DeltaThinking
	// DeltaToolCall carries a piece of a tool call: its name, then its arguments.
	DeltaToolCall
	// DeltaRestart tells the caller to forget all deltas before it.
	DeltaRestart
)

// A Delta is one piece of what the engine's caller receives.
type Delta struct {
	Kind DeltaKind
	// Text is the piece. For a tool call it is the name, then the arguments.
	Text string
	// Tool is the same piece of a DeltaToolCall, field by field. Answer.ToolCalls holds the whole
	// calls.
	Tool ToolPiece
}

// delivery records what the caller has received. It is the commit point: until something was
// delivered, nobody can tell that providers were switched.
type delivery struct {
	emit func(Delta)
	// started reports that the caller holds something, and outdated that it is of an attempt that
	// is over.
	started, outdated bool
	// keep records the text, if the policy may send it back to be continued. mark is where the
	// part begins that is being received.
	keep      bool
	text      strings.Builder
	continues bool
	mark      int
}

// deliver gives the caller one delta. Before the first one after a switch it gives a restart
// marker, and what is still part of the answer.
func (d *delivery) deliver(delta Delta) {
	if d.outdated {
		d.outdated = false
		d.emit(Delta{Kind: DeltaRestart})
		if kept := d.text.String(); kept != "" {
			d.emit(Delta{Kind: DeltaText, Text: kept})
		}
	}
	d.started = true
	if d.keep && delta.Kind == DeltaText {
		d.text.WriteString(delta.Text)
	}
	d.emit(delta)
}

// abandon marks what was delivered as outdated: what comes next does not belong to it.
func (d *delivery) abandon() {
	d.continues, d.mark = false, 0
	d.rewind(true)
}

// rewind goes back to where the part began that was being received. Unless tell, the caller does
// not hear of it, and gets the part again.
func (d *delivery) rewind(tell bool) {
	kept := d.text.String()[:d.mark]
	d.text.Reset()
	d.text.WriteString(kept)
	d.outdated = d.outdated || (tell && d.started)
}

// goOn makes what was delivered the part that is to be continued.
func (d *delivery) goOn() { d.continues, d.mark = true, d.text.Len() }

// partial returns what the next provider is to continue.
func (d *delivery) partial() string {
	if !d.continues {
		return ""
	}
	return d.text.String()[:d.mark]
}
