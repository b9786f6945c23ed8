package atomicfile

import (
	"bufio"
	"bytes"
	"errors"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
)

// killed is the environment variable with the path that the child of TestKilled writes.
const killed = "CHAOSRUN_TEST_ATOMICFILE"

func TestMain(m *testing.M) {
	if path := os.Getenv(killed); path != "" {
		writeForEver(path)
	}
	m.Run()
}

// writeForEver writes until it is killed, and says after a megabyte that it is in the middle.
func writeForEver(path string) {
	f, err := Create(path, 0o644)
	if err != nil {
		panic(err)
	}
	chunk := bytes.Repeat([]byte("new\n"), 1024)
	for i := 0; ; i++ {
		if _, err := f.Write(chunk); err != nil {
			panic(err)
		}
		if i == 256 {
			os.Stdout.WriteString("half\n")
			select {} // the parent kills it
		}
	}
}

// A program that is killed in the middle leaves the file as it was, or none.
func TestKilled(t *testing.T) {
	for _, before := range []string{"", "old\n"} {
		path := filepath.Join(t.TempDir(), "report.json")
		if before != "" {
			put(t, path, before)
		}
		child := exec.CommandContext(t.Context(), os.Args[0])
		child.Env = append(os.Environ(), killed+"="+path)
		out, err := child.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := child.Start(); err != nil {
			t.Fatal(err)
		}
		if line, err := bufio.NewReader(out).ReadString('\n'); err != nil || line != "half\n" {
			t.Fatalf("the child said %q, %v", line, err)
		}
		if err := child.Process.Kill(); err != nil {
			t.Fatal(err)
		}
		_ = child.Wait() // it was killed
		left, err := filepath.Glob(filepath.Join(filepath.Dir(path), ".chaosrun-*.part"))
		if err != nil || len(left) != 1 {
			t.Errorf("it was not in the middle: %v, %v", left, err)
		}
		data, err := os.ReadFile(path)
		if before == "" && !errors.Is(err, fs.ErrNotExist) || before != "" && string(data) != before {
			t.Errorf("before %q, after %d bytes, %v", before, len(data), err)
		}
	}
}

// Commit replaces the file in one step, and leaves nothing beside it.
func TestWrite(t *testing.T) {
	path := filepath.Join(t.TempDir(), "report.json")
	for _, text := range []string{"one", "another"} {
		f, err := Create(path, 0o644)
		if err != nil {
			t.Fatal(err)
		}
		before, _ := os.ReadFile(path)
		if _, err := f.Write([]byte(text)); err != nil {
			t.Fatal(err)
		}
		if now, _ := os.ReadFile(path); !bytes.Equal(now, before) {
			t.Errorf("%q before Commit, want %q", now, before)
		}
		if err := f.Commit(); err != nil {
			t.Fatal(err)
		}
		holds(t, path, text)
	}
	alone(t, path)
}

func TestDiscard(t *testing.T) {
	path := filepath.Join(t.TempDir(), "report.json")
	put(t, path, "old")
	f, err := Create(path, 0o644)
	if err != nil {
		t.Fatal(err)
	}
	_, err = f.Write([]byte("new"))
	if err := errors.Join(err, f.Discard()); err != nil {
		t.Fatal(err)
	}
	holds(t, path, "old")
	alone(t, path)
}

// A write that fails, as on a full disk, leaves the old file and nothing beside it.
func TestFailedWrite(t *testing.T) {
	path := filepath.Join(t.TempDir(), "report.json")
	put(t, path, "old")
	f, err := Create(path, 0o644)
	if err != nil {
		t.Fatal(err)
	}
	name := f.file.Name()
	if err := f.file.Close(); err != nil {
		t.Fatal(err)
	}
	if f.file, err = os.Open(name); err != nil { // for reading: each write fails
		t.Fatal(err)
	}
	if _, err := f.Write([]byte("new")); err == nil || strings.Contains(err.Error(), ".part") {
		t.Errorf("got %v, want an error with the name of the report", err)
	}
	if err := f.Commit(); err == nil {
		t.Error("Commit says that all is well")
	}
	holds(t, path, "old")
	alone(t, path)
}

// A device is written as it is: /dev/full is a disk that is full.
func TestFullDevice(t *testing.T) {
	if _, err := os.Stat("/dev/full"); err != nil {
		t.Skip("there is no /dev/full here")
	}
	if err := Check("/dev/full"); err != nil {
		t.Errorf("before: %v", err)
	}
	if err := Write("/dev/full", []byte("new"), 0o644); err == nil || !strings.Contains(err.Error(), "no space left") {
		t.Errorf("got %v", err)
	}
	if info, err := os.Stat("/dev/full"); err != nil || info.Mode().IsRegular() {
		t.Errorf("it was replaced: %v, %v", info, err)
	}
}

// A link stays a link, and its file is replaced, in whatever folder it is and whether it is there.
func TestSymlink(t *testing.T) {
	dir := t.TempDir()
	other := filepath.Join(dir, "other")
	if err := os.Mkdir(other, 0o755); err != nil {
		t.Fatal(err)
	}
	link, second, file := filepath.Join(dir, "link"), filepath.Join(other, "second"), filepath.Join(other, "file")
	for from, to := range map[string]string{link: filepath.Join("other", "second"), second: "file"} {
		if err := os.Symlink(to, from); err != nil {
			t.Skipf("no links here: %v", err)
		}
	}
	for _, text := range []string{"into nothing", "again"} {
		if err := Check(link); err != nil {
			t.Errorf("Check: %v", err)
		}
		if err := Write(link, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		holds(t, file, text)
		if info, err := os.Lstat(link); err != nil || info.Mode()&fs.ModeSymlink == 0 {
			t.Errorf("the link is none: %v", err)
		}
	}
	round := filepath.Join(dir, "round")
	if err := os.Symlink("round", round); err != nil {
		t.Fatal(err)
	}
	if err := Write(round, []byte("x"), 0o644); err == nil {
		t.Error("a link to itself was written")
	}
}

// What replaces a file that only its owner reads is for the owner only.
func TestPermissions(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("Windows has other permissions")
	}
	path := filepath.Join(t.TempDir(), "report.json")
	put(t, path, "old")
	if err := Write(path, []byte("new"), 0o644); err != nil {
		t.Fatal(err)
	}
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("%v, %v", info.Mode(), err)
	}
}

// A folder that takes no further file does not keep a file in it from being written.
func TestReadOnlyFolder(t *testing.T) {
	if runtime.GOOS == "windows" || os.Geteuid() == 0 {
		t.Skip("this user may write everywhere, or the folder's permissions say nothing here")
	}
	dir := t.TempDir()
	path := filepath.Join(dir, "report.json")
	put(t, path, "old")
	if err := os.Chmod(dir, 0o500); err != nil {
		t.Fatal(err)
	}
	defer func() { _ = os.Chmod(dir, 0o700) }()
	if err := errors.Join(Check(path), Write(path, []byte("new"), 0o644)); err != nil {
		t.Fatal(err)
	}
	holds(t, path, "new")
	missing := filepath.Join(dir, "missing.json")
	if err := Check(missing); !errors.Is(err, fs.ErrPermission) || !strings.Contains(err.Error(), missing) {
		t.Errorf("Check: %v", err)
	}
	if err := Write(missing, nil, 0o644); !errors.Is(err, fs.ErrPermission) || !strings.Contains(err.Error(), missing) {
		t.Errorf("Write: %v", err)
	}
}

func TestCheck(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "report.json")
	put(t, path, "old")
	if err := Check(path); err != nil {
		t.Error(err)
	}
	holds(t, path, "old")
	if err := Check(filepath.Join(dir, "new.json")); err != nil {
		t.Error(err)
	}
	alone(t, path)
	for _, bad := range []string{dir, filepath.Join(dir, "no", "folder.json"), filepath.Join(path, "x")} {
		if err := Check(bad); err == nil {
			t.Errorf("%s can be written", bad)
		}
		if err := Write(bad, nil, 0o644); err == nil || !strings.Contains(err.Error(), bad) {
			t.Errorf("Write(%s): %v", bad, err)
		}
	}
}

func put(t *testing.T, path, text string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

func holds(t *testing.T, path, want string) {
	t.Helper()
	if got, err := os.ReadFile(path); err != nil || string(got) != want {
		t.Errorf("%s holds %q, %v; want %q", filepath.Base(path), got, err, want)
	}
}

// alone fails if anything is beside a file.
func alone(t *testing.T, path string) {
	t.Helper()
	entries, err := os.ReadDir(filepath.Dir(path))
	if err != nil || len(entries) != 1 {
		t.Errorf("beside it: %v, %v", entries, err)
	}
}
