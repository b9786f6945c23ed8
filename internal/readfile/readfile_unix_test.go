//go:build unix

package readfile_test

import (
	"errors"
	"net"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/chaosrun/chaosrun/internal/readfile"
)

func TestWhatIsNoFile(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	socket := filepath.Join(dir, "s")
	l, err := net.Listen("unix", socket)
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	for path, kind := range map[string]string{
		dir: "a folder", "/dev/zero": "a device", "/dev/null": "a device", socket: "a socket",
	} {
		_, err := readfile.Whole(path, 10)
		var no *readfile.KindError
		if !errors.As(err, &no) || no.Kind != kind || readfile.Check(path) == nil {
			t.Errorf("%s: got %v, want %s", path, err, kind)
		}
	}
}

func TestLimit(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "f")
	if err := os.WriteFile(file, []byte("0123456789"), 0o600); err != nil {
		t.Fatal(err)
	}
	var size *readfile.SizeError
	if data, err := readfile.Whole(file, 10); err != nil || string(data) != "0123456789" {
		t.Errorf("got %q, %v", data, err)
	}
	if _, err := readfile.Whole(file, 9); !errors.As(err, &size) || size.Most != 9 {
		t.Errorf("got %v", err)
	}
	if data, err := readfile.Head(file, 3); err != nil || string(data) != "012" {
		t.Errorf("got %q, %v", data, err)
	}
	if _, err := readfile.Head(file+"x", 3); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("got %v", err)
	}
}

func TestPipes(t *testing.T) {
	t.Parallel()
	pipe := filepath.Join(t.TempDir(), "p")
	if err := syscall.Mkfifo(pipe, 0o600); err != nil {
		t.Fatal(err)
	}
	start := time.Now()
	if _, err := readfile.Whole(pipe, 10); !errors.Is(err, readfile.ErrSilent) || time.Since(start) > 10*time.Second {
		t.Errorf("nobody writes: got %v after %s", err, time.Since(start))
	}
	done := make(chan error, 1)
	go func() { done <- os.WriteFile(pipe, []byte(strings.Repeat("x", 100_000)), 0o600) }()
	if data, err := readfile.Whole(pipe, 1<<20); err != nil || len(data) != 100_000 {
		t.Errorf("got %d bytes, %v", len(data), err)
	}
	if err := <-done; err != nil {
		t.Error(err)
	}
}
