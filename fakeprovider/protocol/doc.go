// Package protocol holds the vendors' protocols that fake LLM providers speak.
//
// A protocol is a value without state, protocol.AnthropicMessages{} for instance. Pass one as
// fakeprovider.Options.Protocol. It does four things for the stage:
//
//	HTTP request ──▶ Mount ──▶ Parse ──▶ fakeprovider.Request      what the client asked for
//	                             └─────▶ fakeprovider.Problem      what the vendor would refuse
//
//	fakeprovider.Frame ────▶ Encoder ──▶ the vendor's bytes      content, heartbeats, finish …
//	fakeprovider.Problem ──▶ Problem ──▶ the vendor's response   status, headers, body of an error
//
// Frames and problems are canonical: steps and faults name no vendor, and a protocol knows no
// fault. A frame that a vendor cannot say is fakeprovider.ErrNoSuchFrame.
//
// [All] returns every protocol that ships, and [ByName] finds one by its name in scenarios. Each
// vendor has files of its own; the golden files in testdata hold their bytes, and the vendors' SDKs
// read them back in fakeprovider/sdktest. docs/WRITING_A_PROTOCOL.md explains how to add one.
package protocol
