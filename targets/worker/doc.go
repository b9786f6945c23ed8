// Package worker tests the files that make a worker of a script or a small program:
// chaosrun_worker.py, chaosrun_worker.mjs and ChaosrunWorker.java. The tests need Python, Node and a
// JDK, so they run with the flag -workers only.
package worker
