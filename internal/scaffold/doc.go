// Package scaffold generates the first files of a fault, a protocol or an expectation, for
// `chaosrun dev new`.
//
//	kind, name ─▶ Plan ─▶ source file, test, line in the registry ─▶ Write
//
// The generated code compiles. Its test fails until the code is completed.
package scaffold
