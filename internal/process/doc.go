// Package process runs the processes of engines, and ends them with everything that they started.
//
//	chaosrun ─▶ guard (chaosrun again, one per process) ─▶ command, in a process group of its own
//	    └── a pipe: if it closes, for whatever reason, the guard kills all that is below it
//
// The guard is this program itself, started again. Main must therefore be called first in main,
// and first in TestMain of a test that starts processes.
package process
