// Package scaffold plans and writes first files: those of a fault, a protocol or an expectation for
// `chaosrun dev new`, and those of a user's own project for `chaosrun init`.
//
//	kind, name ─▶ New   ─▶ Plan: source file, test, line in the registry        ─▶ Write
//	Start      ─▶ Begin ─▶ Plan: scenario, test or target file, CI workflow     ─▶ Write
//
// What New generates compiles, and its test fails until the code is completed. What Begin generates
// runs as it is: each test file contains a small engine that passes, in the place of the user's
// own.
package scaffold
