//go:build unix && !linux

package process

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// watchEvery is the time between two looks at memory. Each runs ps.
const watchEvery = 2 * time.Second

// self is the path of this program.
func self() string {
	path, err := os.Executable()
	if err != nil {
		return os.Args[0]
	}
	return path
}

// adopt does nothing: only Linux has subreapers.
func adopt() {}

// attributes returns attributes that put the command into a session of its own, unless it shares
// the guard's.
func attributes(shared bool) *syscall.SysProcAttr { return &syscall.SysProcAttr{Setsid: !shared} }

func dup(from, to int) error { return unix.Dup2(from, to) }

// descendants returns the processes below root.
func descendants(root int) []int {
	var all []int
	for _, p := range ps(root) {
		all = append(all, p.pid)
	}
	return all
}

// A listed process is one that ps shows.
type listed struct {
	pid, parent int
	kib         int64
}

// tree returns the processes below root.
func tree(root int) []listed { return ps(root) }

// ps returns the processes below root, without the ps itself.
func ps(root int) []listed {
	ctx, cancel := context.WithTimeout(context.Background(), watchEvery)
	defer cancel()
	cmd := exec.CommandContext(ctx, "ps", "-axo", "pid=,ppid=,rss=")
	out, err := cmd.Output()
	if err != nil {
		return nil
	}
	children := map[int][]listed{}
	for line := range strings.Lines(string(out)) {
		var p listed
		if _, err := fmt.Sscan(line, &p.pid, &p.parent, &p.kib); err == nil && p.pid != cmd.Process.Pid {
			children[p.parent] = append(children[p.parent], p)
		}
	}
	var all []listed
	seen := map[int]bool{root: true}
	for open := []int{root}; len(open) > 0; open = open[1:] {
		for _, p := range children[open[0]] {
			if !seen[p.pid] {
				seen[p.pid] = true
				all, open = append(all, p), append(open, p.pid)
			}
		}
	}
	return all
}

// memory returns the resident memory of processes, in bytes.
func memory(all []listed) (sum int64) {
	for _, p := range all {
		sum += p.kib << 10
	}
	return sum
}

// peers does nothing: only Linux shows them without privileges.
type peers struct{}

func newPeers() peers { return peers{} }

func (peers) look([]listed) []string { return nil }
