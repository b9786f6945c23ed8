package process

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"sync"
)

// LogLimit is the size at which a log is cut, in bytes. It is far more than a reader needs of one
// run, and keeps a campaign of a thousand runs on a small disk.
const LogLimit = 10 << 20

// tailLimit is how much of the end of the output a Log remembers, in bytes.
const tailLimit = 64 << 10

// A Log is a file that takes the output of a process, up to a bound. It also remembers the last
// lines, whatever the bound, for error messages. It is safe for concurrent use.
type Log struct {
	mu    sync.Mutex
	file  *os.File
	left  int64
	tail  []byte
	lost  bool // tail does not begin with a whole line
	first error
}

// CreateLog creates the file. limit is its largest size in bytes. Default, for 0: LogLimit.
func CreateLog(path string, limit int64) (*Log, error) {
	if limit <= 0 {
		limit = LogLimit
	}
	f, err := os.Create(path)
	if err != nil {
		return nil, fmt.Errorf("process: log: %w", err)
	}
	return &Log{file: f, left: limit}, nil
}

// Write appends output. It never fails: a full disk must not stop an engine. Close returns the
// first error.
func (l *Log) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.tail = append(l.tail, p...)
	if over := len(l.tail) - tailLimit; over > tailLimit { // rarely, so that it costs little
		l.tail, l.lost = slices.Clone(l.tail[over:]), true
	}
	if l.left <= 0 || l.file == nil {
		return len(p), nil
	}
	piece := p[:min(int64(len(p)), l.left)]
	l.left -= int64(len(piece))
	_, err := l.file.Write(piece)
	if err == nil && l.left <= 0 {
		_, err = l.file.WriteString("\n… cut: the log is full\n")
	}
	if err != nil && l.first == nil {
		l.first, l.left = err, 0
	}
	return len(p), nil
}

// Path returns the path of the file.
func (l *Log) Path() string { return l.file.Name() }

// Tail returns the last lines that are not blank, at most n, each cut at 400 bytes.
func (l *Log) Tail(n int) string {
	l.mu.Lock()
	defer l.mu.Unlock()
	lines := strings.Split(string(l.tail), "\n")
	if l.lost {
		lines = lines[1:]
	}
	lines = slices.DeleteFunc(lines, func(s string) bool { return strings.TrimSpace(s) == "" })
	lines = lines[max(0, len(lines)-n):]
	for i, line := range lines {
		lines[i] = Cut(strings.TrimRight(line, "\r"), 400)
	}
	return strings.Join(lines, "\n")
}

// Close closes the file. It returns the first error that occurred.
func (l *Log) Close() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if err := l.file.Close(); l.first == nil {
		l.first = err
	}
	return l.first
}

// Cut returns the beginning of a text, at most n bytes and whole characters, with an ellipsis if it
// was longer.
func Cut(s string, n int) string {
	if len(s) <= n {
		return s
	}
	return strings.ToValidUTF8(s[:n], "") + "…"
}
