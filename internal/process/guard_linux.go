package process

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// watchEvery is the time between two looks at memory and peers. At 4 GB/s of allocation, which a
// machine hardly does, a command passes its limit by 1 GB.
const watchEvery = 250 * time.Millisecond

// self is the path of this program. It works even if the file was replaced or removed.
func self() string { return "/proc/self/exe" }

// adopt makes orphans below the guard its children, and drops what only [Isolate] needed.
func adopt() {
	_ = unix.Prctl(unix.PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
	_ = unix.Prctl(unix.PR_CAP_AMBIENT, unix.PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0)
}

// attributes returns attributes that put the command into a session of its own, unless it shares
// the guard's. The command dies with the guard.
func attributes(shared bool) *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Setsid: !shared, Pdeathsig: syscall.SIGKILL}
}

// Child returns the attributes of a child of this program that dies with the thread that starts it,
// and is not reached by Ctrl-C of a terminal. The caller locks the thread for as long as it runs.
func Child() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
}

func dup(from, to int) error { return unix.Dup2(from, to) }

// descendants returns the processes below root. It reads every process of the machine, because the
// kernel's lists of children are not reliable while processes come and go.
func descendants(root int) []int {
	stats, _ := filepath.Glob("/proc/[0-9]*/stat")
	children := map[int][]int{}
	for _, path := range stats {
		data, err := os.ReadFile(path)
		if err != nil {
			continue // it is gone
		}
		pid, err := strconv.Atoi(filepath.Base(filepath.Dir(path)))
		if err != nil {
			continue
		}
		// The name in parentheses may contain anything, so the fields are counted after it.
		fields := bytes.Fields(data[bytes.LastIndexByte(data, ')')+1:])
		if len(fields) < 2 {
			continue
		}
		if parent, err := strconv.Atoi(string(fields[1])); err == nil {
			children[parent] = append(children[parent], pid)
		}
	}
	return below(root, func(pid int) []int { return children[pid] })
}

// tree returns the processes below root. It is cheaper than descendants, and may miss some that
// come and go.
func tree(root int) []int {
	return below(root, func(pid int) (all []int) {
		tasks, _ := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/children", pid))
		for _, path := range tasks {
			data, _ := os.ReadFile(path) // it is gone
			for field := range bytes.FieldsSeq(data) {
				if child, err := strconv.Atoi(string(field)); err == nil {
					all = append(all, child)
				}
			}
		}
		return all
	})
}

// below walks a tree of processes. root is not part of the result.
func below(root int, children func(int) []int) []int {
	var all []int
	seen := map[int]bool{root: true}
	for open := []int{root}; len(open) > 0; open = open[1:] {
		for _, pid := range children(open[0]) {
			if !seen[pid] {
				seen[pid] = true
				all, open = append(all, pid), append(open, pid)
			}
		}
	}
	return all
}

// memory returns the private resident memory of processes, in bytes.
func memory(pids []int) (sum int64) {
	for _, pid := range pids {
		data, err := os.ReadFile(fmt.Sprintf("/proc/%d/statm", pid))
		if err != nil {
			continue // it is gone
		}
		var size, resident, shared int64
		if _, err := fmt.Sscan(string(data), &size, &resident, &shared); err == nil {
			sum += (resident - shared) * int64(os.Getpagesize())
		}
	}
	return sum
}
