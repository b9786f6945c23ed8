package reports

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
)

// spoolMemory is how much of a report waits in memory; what comes after it waits in a temporary
// file.
const spoolMemory = 64 << 10

// A spool keeps bytes until the totals that stand before them are known. The zero spool is empty.
// Drop removes its file.
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

// reader reads all that was written, in order.
func (s *spool) reader() (io.Reader, error) {
	if s.file == nil {
		return &s.memory, nil
	}
	if _, err := s.file.Seek(0, io.SeekStart); err != nil {
		return nil, err
	}
	// The file's own WriteTo asks the kernel to copy, which not every pair of files can.
	return io.MultiReader(&s.memory, struct{ io.Reader }{s.file}), nil
}

// copyTo writes all that was written to w, in order.
func (s *spool) copyTo(w io.Writer) error {
	r, err := s.reader()
	if err != nil {
		return err
	}
	_, err = io.Copy(w, r)
	return err
}

// drop forgets everything and removes the file.
func (s *spool) drop() error {
	s.memory = bytes.Buffer{}
	if s.file == nil {
		return nil
	}
	file := s.file
	s.file = nil
	return errors.Join(file.Close(), os.Remove(file.Name()))
}
