// Package fakeprovider serves LLM providers that misbehave on purpose.
//
// A Provider is an http.Handler. Its nth request plays the nth Script; a Script is a list of
// Steps; a Step acts on an Exchange, which speaks the provider's Protocol and records all it does:
//
//	request ─▶ Protocol.Parse ─▶ Script (nth) ─▶ Steps ─▶ Exchange ─▶ Encoder ─▶ bytes
//	                                                                  └──────▶ timeline.Recorder
//
// Steps, protocols and faults are separate axes: a step is written once and works in every
// protocol, streamed or not; vendor knowledge sits only in the protocols.
package fakeprovider
