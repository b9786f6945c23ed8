// Package fault holds the named faults of fake LLM providers: what a scenario file lists under
// on_request.
//
// A fault is a struct whose fields are its parameters. A zero field means its default, so the
// literal reads as a phrase:
//
//	fault.HeartbeatOnly{}                        heartbeats every 10 s, and never a token
//	fault.RateLimited{RetryAfter: "30"}          the vendor's 429
//	fault.MidStreamDrop{After: 5}                cuts the connection in the middle of an answer
//
// Pass faults to fakeprovider.Options.OnRequest. Each one acts at one point of an exchange:
//
//	dial ──────▶ accept ──────▶ request ──▶ script ───────▶ frames ────────▶ framing ──▶ bytes
//	Refused      RequestUnread              HeartbeatOnly   MalformedJSON    ChunkCut    Bandwidth
//	DNSSlow      TLSAlert                   RateLimited     DuplicatedEvents             Latency
//
// A fault that plays a whole response is a script of steps. One that damages a response is a
// fakeprovider.Overlay, and several overlays combine through fakeprovider.Together.
//
// [All] describes every fault that ships, with its defaults, and [ByName] finds one by its name in
// scenarios. One file holds one fault; docs/WRITING_A_FAULT.md explains how to add one. The package
// knows no vendor: a protocol turns the frames into the vendor's bytes.
package fault
