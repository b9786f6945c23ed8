// Package fakeprovider serves LLM providers that misbehave on purpose.
//
// A Provider is an http.Handler. Its nth request plays the nth Script; a Script is a list of
// Steps; a Step acts on an Exchange, which speaks the provider's Protocol and records all it does:
//
//	dial ─▶ accept ─▶ request ─▶ Protocol.Parse ─▶ Script (nth) ─▶ Steps ─▶ Exchange ─▶ Encoder ─▶ Filters ─▶ Wire ─▶ bytes
//	Dialer  Accepter                                                        └──────▶ timeline.Recorder
// Steps, protocols and faults are separate axes: a step is written once and works in every
// protocol, streamed or not; a fault damages what any script says, at the place in the picture
// where it acts; vendor knowledge sits only in the protocols. A new step is one step_*.go, a new
// named fault one preset_*.go and its line in Faults, a new vendor one protocol_*.go and its line
// in Protocols; `go test -update` writes the golden bytes that a reviewer reads.
//
// In a test, Start is the whole of it; see its example.
package fakeprovider
