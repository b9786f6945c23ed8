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
	// Tool is the same piece of a [DeltaToolCall], field by field. [Answer.ToolCalls] holds the
	// whole calls.
	Tool ToolPiece
}

// delivery records what the caller has received. The first delivery is the commit point: before it,
// the caller cannot tell that the engine switched providers.
type delivery struct {
	emit func(Delta)
	// started reports that the caller holds something, and outdated that it came from an earlier
	// attempt.
	started, outdated bool
	// keep makes deliver record the text, for a policy that sends it back to be continued. mark is
	// where the current part begins in it.
	keep      bool
	text      strings.Builder
	continues bool
	mark      int
}

// deliver gives the caller one delta. After a switch of attempts it first gives a restart marker,
// and the text that is still part of the answer.
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

// abandon marks what was delivered as outdated. The next delta starts the answer over.
func (d *delivery) abandon() {
	d.continues, d.mark = false, 0
	d.rewind(true)
}

// rewind drops the current part. If tell is false, the caller gets no restart marker, and gets the
// part again.
func (d *delivery) rewind(tell bool) {
	kept := d.text.String()[:d.mark]
	d.text.Reset()
	d.text.WriteString(kept)
	d.outdated = d.outdated || (tell && d.started)
}

// goOn keeps what was delivered as the part to continue.
func (d *delivery) goOn() { d.continues, d.mark = true, d.text.Len() }

// partial returns the text that the next provider continues.
func (d *delivery) partial() string {
	if !d.continues {
		return ""
	}
	return d.text.String()[:d.mark]
}
