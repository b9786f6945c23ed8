package timeline

import "strings"

// Asked is what a request asked a provider for, as far as it can be compared with what the caller
// asked of the engine. It holds neither a key nor a text.
type Asked struct {
	// KeyOf and ModelOf are the providers of the run whose key came with the request, and whose
	// model it asked for. They are "" if it is none's.
	KeyOf   string `json:"key_of,omitempty"`
	ModelOf string `json:"model_of,omitempty"`
	// Lacks names what the caller had asked and the request does not carry: "prompt",
	// "system prompt", "conversation" and "tools".
	Lacks []string `json:"lacks,omitempty"`
}

// Unsent returns the first piece that the caller of call n was given and that no provider had sent
// for the call, and what it was taken for: "text" that was withdrawn by a restart marker, or
// "reasoning". It returns "" if there is none. Outcome judges the text that the caller keeps. White
// space around a piece is not compared, and the output of a command is not looked at.
func (t Timeline) Unsent(n int) (piece, as string) {
	client, ok := t.Client(n)
	if !ok || t.Run.Contained {
		return "", ""
	}
	attempts := t.CallAttempts(n)
	for _, d := range client.Thinking {
		if !sentBy(attempts, d, func(a Attempt) string { return a.Thinking }) {
			return d.Text, "reasoning"
		}
	}
	for _, d := range client.withdrawn() {
		if !sentBy(attempts, d, func(a Attempt) string { return a.Text + a.Refusal }) {
			return d.Text, "text"
		}
	}
	return "", ""
}

// withdrawn returns the pieces of text before the last restart marker.
func (c Client) withdrawn() []Delivery {
	var all, since []Delivery
	for _, d := range c.Deliveries {
		if since = append(since, d); d.Restart {
			all, since = append(all, since[:len(since)-1]...), nil
		}
	}
	return all
}

// sentBy reports whether some attempt had begun before a piece was delivered and has the piece in
// what it sent.
func sentBy(attempts []Attempt, d Delivery, sent func(Attempt) string) bool {
	for _, a := range attempts {
		if a.Start <= d.At && strings.Contains(sent(a), strings.TrimSpace(d.Text)) {
			return true
		}
	}
	return strings.TrimSpace(d.Text) == ""
}
