// Package worker tests the files that make a worker of a script: chaosrun_worker.py and
// chaosrun_worker.mjs. The tests need Python and Node, so they run with the flag -workers only.
package worker
