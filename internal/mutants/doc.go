// Command mutants asks of the tests whether they would notice a mistake. It makes small mistakes in
// the code, one at a time, and runs the tests of the same room against each of them.
//
//	code ─▶ operators ─▶ one test binary with all mutants ─▶ the tests that reach each ─▶ killed?
//
// All mutants of a room are compiled at once. An environment variable switches one of them on, so a
// mutant costs a run of those tests that reach it, and no build. A mutant is killed if a test
// fails, panics, or takes far longer than without it. It survives if all tests pass, or if no test
// reaches it.
//
//	go run ./internal/mutants                          all mutants of all rooms
//	go run ./internal/mutants --sample 100 --seed 7    a hundred of them, drawn with a seed
//	go run ./internal/mutants --list                   the mutants, without running them
//	go run ./internal/mutants timeline --only align    those of a room whose line contains a text
//
// Survivors that change nothing are listed in equivalent.txt, each with the reason.
package main
