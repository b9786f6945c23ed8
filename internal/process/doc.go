// Package process runs the processes of engines, and ends them with everything that they started.
//
//	chaosrun ─▶ guard (this program again, one per command) ─▶ command, in a session of its own
//	    └── a pipe: when it closes, for whatever reason, the guard kills all that is below it
//
// The guard is this program itself, started again. [Main] must therefore be called first in main,
// and first in TestMain of a test that starts processes.
//
// The guarantees depend on the system:
//
//   - Linux: the guard is a subreaper, so it also finds and kills what left the command's session
//     and outlived its parent. Only a SIGKILL of the guard itself lets such a daemon escape. The
//     memory of the whole tree is bounded, and the peers that it connects to can be recorded.
//   - macOS and other Unix: the guard kills the command's process group, and what ps shows below it
//     at that moment. A daemon that left both before is not found. Memory is sampled every 2 s, and
//     peers are not recorded.
//   - Windows: there is no guard. Kill ends the tree with taskkill. If chaosrun is killed, the
//     command goes on. Memory is not bounded.
//
// The command must stay in the foreground: processes that it leaves behind are killed.
package process
