// Package scaffold writes the files with which a fault, a protocol or an expectation begins:
// `chaosrun dev new`.
//
//	kind, name ─▶ Plan ─▶ the thing's file, its test, its line in the registry ─▶ Write
//
// What it writes compiles. Its test is red until the thing is filled in.
package scaffold
