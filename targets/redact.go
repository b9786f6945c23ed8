package targets

import (
	"bytes"
	"io"
	"os"
	"slices"
	"strings"
	"sync"
)

// shortestSecret is the shortest value that is removed from texts, in bytes. A shorter one occurs
// in texts by chance.
const shortestSecret = 4

// secrets returns the values of the variables that the templates of the target name, the longest
// first.
func (t *Target) secrets() []string {
	var all []string
	for _, name := range t.uses.env {
		if value := os.Getenv(name); len(value) >= shortestSecret {
			all = append(all, value)
		}
	}
	slices.SortFunc(all, func(a, b string) int { return len(b) - len(a) })
	return all
}

// redacted replaces the values of variables in a text.
func (t *Target) redacted(text string) string {
	for _, secret := range t.secrets() {
		text = strings.ReplaceAll(text, secret, "[secret]")
	}
	return text
}

// A redactor writes whole lines without the values of variables. Close writes the rest of a line.
// It is safe for concurrent use.
type redactor struct {
	to      io.Writer
	target  *Target
	mu      sync.Mutex
	partial []byte
}

var _ io.WriteCloser = (*redactor)(nil)

// longestLine bounds the part of a line that is held back until it ends, in bytes.
const longestLine = 64 << 10

// Write takes a piece of text.
func (r *redactor) Write(p []byte) (int, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.partial = append(r.partial, p...)
	end := bytes.LastIndexByte(r.partial, '\n') + 1
	if end == 0 && len(r.partial) > longestLine {
		end = len(r.partial)
	}
	if err := r.write(end); err != nil {
		return 0, err
	}
	return len(p), nil
}

// write writes the first n bytes that are held back.
func (r *redactor) write(n int) error {
	if n == 0 {
		return nil
	}
	_, err := io.WriteString(r.to, r.target.redacted(string(r.partial[:n])))
	r.partial = append(r.partial[:0], r.partial[n:]...)
	return err
}

// Close writes the rest.
func (r *redactor) Close() error {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.write(len(r.partial))
}
