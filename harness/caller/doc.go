// Package caller calls an engine over HTTP as a client of a vendor does, and reads the answer as
// that vendor's SDK reads it.
//
//	Options ─▶ New ─▶ Client ── Request ──▶ engine
//	                    │                     │
//	      harness.Delta ◀── Call ◀── Piece ◀── Read
//
// A Client is a harness.Target, so a gateway is tested through one:
//
//	client, err := caller.New(caller.Options{
//		Protocol: protocol.OpenAIChat{}, BaseURL: "http://127.0.0.1:4000/v1",
//		Model: "primary", Key: "sk-any",
//	})
//	target := harness.TargetFunc(client.Call)
//
// It does what the SDK does with retries off:
//
//   - The terminal mark of the protocol ends a stream well. So does a clean end of the response,
//     even without a finish reason: openai-python, openai-node, both of Anthropic's SDKs and
//     google-genai end their iteration there without an error. Whether the text was whole is for
//     the judge, who knows what the provider sent.
//   - A response that breaks off, an error in the answer and a status other than 200 are errors.
//   - A stream is events. A body of JSON or HTML in place of one has none: an empty answer.
//   - A finish reason is handed on and means nothing here: an SDK raises no error for a refusal.
//   - Where an SDK hands on an error event and leaves the rest to its user, as those for
//     OpenAI's Responses do, it is an error here.
package caller
