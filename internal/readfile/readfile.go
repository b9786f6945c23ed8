package readfile

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"syscall"
	"time"
)

const (
	// noWriter is how long a named pipe may be without a writer.
	noWriter = time.Second
	// silentWriter is the longest time that a writer may send nothing.
	silentWriter = 10 * time.Second
)

// A KindError reports a path that is not a file.
type KindError struct {
	// Path is the path, and Kind what it names instead: "a folder".
	Path, Kind string
}

// Error returns the path and what it is.
func (e *KindError) Error() string { return e.Path + ": this is " + e.Kind + ", not a file" }

// A SizeError says that a file is too large.
type SizeError struct {
	Path string
	// Most is the number of bytes that are read.
	Most int64
}

// Error returns the path and the limit.
func (e *SizeError) Error() string {
	return fmt.Sprintf("%s: it has more than the %d bytes that are read", e.Path, e.Most)
}

// ErrSilent reports a named pipe without a writer.
var ErrSilent = errors.New("this is a pipe without a writer")

// Check returns a *[KindError] for a path that is not a file, or the error of os.Stat. It is for
// files that are read and written, so it refuses named pipes.
func Check(path string) error {
	info, err := os.Stat(path)
	if err != nil {
		return err //nolint:wrapcheck // it names the path
	}
	if info.Mode()&fs.ModeNamedPipe != 0 {
		return &KindError{Path: path, Kind: "a pipe"}
	}
	return check(path, info)
}

// check is Check for a file that is only read.
func check(path string, info fs.FileInfo) error {
	for _, kind := range []struct {
		mode fs.FileMode
		name string
	}{
		{fs.ModeDir, "a folder"},
		{fs.ModeDevice, "a device"},
		{fs.ModeSocket, "a socket"},
		{fs.ModeIrregular, "something else"},
	} {
		if info.Mode()&kind.mode != 0 {
			return &KindError{Path: path, Kind: kind.name}
		}
	}
	return nil
}

// Whole returns the content of a file. It returns a *[SizeError] for more than most bytes, and a
// *[KindError] for a path that is not a file.
func Whole(path string, most int64) ([]byte, error) {
	data, err := Head(path, most+1)
	if err == nil && int64(len(data)) > most {
		return nil, &SizeError{Path: path, Most: most}
	}
	return data, err
}

// Head returns the first bytes of a file, at most that many, or a *KindError.
func Head(path string, most int64) ([]byte, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, err //nolint:wrapcheck // it names the path
	}
	if err := check(path, info); err != nil {
		return nil, err
	}
	pipe, flags := info.Mode()&fs.ModeNamedPipe != 0, os.O_RDONLY
	if pipe {
		flags |= syscall.O_NONBLOCK // to open it would wait for a writer
	}
	file, err := os.OpenFile(path, flags, 0)
	if err != nil {
		return nil, err //nolint:wrapcheck // likewise
	}
	defer file.Close() //nolint:errcheck // it was only read
	var r io.Reader = file
	if pipe {
		r = &written{file: file, path: path, until: time.Now().Add(noWriter)}
	}
	data, err := io.ReadAll(io.LimitReader(r, most))
	if err != nil {
		return nil, err //nolint:wrapcheck // likewise
	}
	return data, nil
}

// written reads a named pipe. It ignores the end of the pipe until a program has written to it.
type written struct {
	file  *os.File
	path  string
	until time.Time
	some  bool
}

// Read reads what has been written. It fails if there is nothing for too long.
func (w *written) Read(b []byte) (int, error) {
	for {
		// where there are no deadlines, a read waits for a writer
		_ = w.file.SetReadDeadline(time.Now().Add(silentWriter))
		n, err := w.file.Read(b)
		switch {
		case n > 0:
			w.some = true
			return n, nil
		case errors.Is(err, os.ErrDeadlineExceeded), !w.some && time.Now().After(w.until):
			return 0, fmt.Errorf("%s: %w", w.path, ErrSilent)
		case w.some || !errors.Is(err, io.EOF):
			return 0, err //nolint:wrapcheck // io.EOF must arrive as it is
		}
		time.Sleep(time.Millisecond) // a pipe says nothing of a writer that comes
	}
}
