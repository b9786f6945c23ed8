// Package sse reads and edits the bytes that a response consists of: lines and events of a stream,
// JSON inside them, headers, and the HTML page of an edge.
//
// The stage, the faults and the protocols share it. Everything in it is a function of its
// arguments. A fault typically edits the JSON of a frame, wherever it is in the bytes:
//
//	data: {"id":"1","usage":{"total":9}}\n\n    the bytes of a frame
//	      └───────── WalkJSON ─────────┘        shows every value with its place
//	      Without ──▶ Edit ──▶ EditJSON         removes one and keeps the rest
//
// The package preserves what it does not edit byte for byte: line ends, white space,
// comments. See the example of [EditJSON].
package sse
