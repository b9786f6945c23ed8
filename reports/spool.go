package reports

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
)

// spoolMemory is the number of bytes that a spool keeps in memory. Further bytes go to a temporary
// file.
const spoolMemory = 64 << 10

// A spool buffers the body of a report until the totals before it are known. The zero spool is
// empty. Call drop to remove its file.
type spool struct {
	memory bytes.Buffer
	file   *os.File
}

// Write appends to the spool.
func (s *spool) Write(data []byte) (int, error) {
	if s.file == nil && s.memory.Len()+len(data) > spoolMemory {
		file, err := os.CreateTemp("", "chaosrun-report-*")
		if err != nil {
			return 0, fmt.Errorf("a report's temporary file: %w", err)
		}
		s.file = file
	}
	if s.file == nil {
		return s.memory.Write(data)
	}
	return s.file.Write(data)
}

// reader returns a reader of all written bytes, in order.
func (s *spool) reader() (io.Reader, error) {
	if s.file == nil {
		return &s.memory, nil
	}
	if _, err := s.file.Seek(0, io.SeekStart); err != nil {
		return nil, err
	}
	// os.File.WriteTo uses a kernel copy, which not every pair of files supports.
	return io.MultiReader(&s.memory, struct{ io.Reader }{s.file}), nil
}

// copyTo copies all written bytes to w, in order.
func (s *spool) copyTo(w io.Writer) error {
	r, err := s.reader()
	if err != nil {
		return err
	}
	_, err = io.Copy(w, r)
	return err
}

// drop discards the content and removes the file.
func (s *spool) drop() error {
	s.memory = bytes.Buffer{}
	if s.file == nil {
		return nil
	}
	file := s.file
	s.file = nil
	return errors.Join(file.Close(), os.Remove(file.Name()))
}
