package overlay

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"

	"github.com/chaosrun/chaosrun/internal/atomicfile"
)

// supported are the releases of Go with which the tests of this package ran.
func supported() []string { return []string{"go1.26", "go1.27"} }

const (
	// table is the line that begins the runtime's table of reasons to wait that count as idle.
	table = "var isIdleInSynctest = [len(waitReasonStrings)]bool{\n"
	// file is the file with the table, in the source of the installation.
	file = "src/runtime/runtime2.go"
)

// reasons are the entries that are added to the table.
func reasons() []string {
	return []string{"waitReasonSyncMutexLock", "waitReasonSyncRWMutexRLock", "waitReasonSyncRWMutexLock"}
}

// A Toolchain is an installed Go.
type Toolchain struct {
	// Root is the folder of the installation, Version its version, such as "go1.26.8", and Cache
	// the folder of downloaded modules.
	Root, Version, Cache string
}

// Installed asks the go command which toolchain it uses in a folder.
func Installed(ctx context.Context, dir string) (Toolchain, error) {
	cmd := exec.CommandContext(ctx, "go", "env", "GOROOT", "GOVERSION", "GOMODCACHE")
	cmd.Dir = dir
	out, err := cmd.Output()
	if exit, ok := errors.AsType[*exec.ExitError](err); ok {
		return Toolchain{}, fmt.Errorf("go env: %w: %s", err, strings.TrimSpace(string(exit.Stderr)))
	}
	if err != nil {
		return Toolchain{}, fmt.Errorf("go env: %w", err)
	}
	lines := strings.Split(strings.TrimSpace(string(out)), "\n")
	if len(lines) != 3 {
		return Toolchain{}, fmt.Errorf("go env printed %q, expected GOROOT, GOVERSION and GOMODCACHE", out)
	}
	return Toolchain{
		Root: strings.TrimSpace(lines[0]), Version: strings.TrimSpace(lines[1]), Cache: strings.TrimSpace(lines[2]),
	}, nil
}

// An UnsupportedError reports a version of Go without an overlay.
type UnsupportedError struct{ Version, Reason string }

// Error names the version and the reason.
func (e *UnsupportedError) Error() string {
	return fmt.Sprintf("there is no overlay for %s: %s", e.Version, e.Reason)
}

// Write writes the overlay for a toolchain into a folder, which is made if there is none. It
// returns the path of overlay.json, for the flag -overlay of the go command. The error is an
// *UnsupportedError if the overlay was never tested with that version of Go.
func Write(t Toolchain, dir string) (string, error) {
	if !slices.ContainsFunc(supported(), func(s string) bool {
		return t.Version == s || strings.HasPrefix(t.Version, s+".")
	}) {
		return "", &UnsupportedError{t.Version, "it was tested with " + strings.Join(supported(), " and ") +
			"; use --clock x60, or one of those with GOTOOLCHAIN"}
	}
	if t.Cache != "" && strings.HasPrefix(t.Root, t.Cache+string(filepath.Separator)) {
		return "", &UnsupportedError{t.Version, "the go command has downloaded it into the module cache, and " +
			"replaces no file there; install it, or copy " + t.Root +
			" elsewhere, and use its bin/go with GOTOOLCHAIN=local"}
	}
	original := filepath.Join(t.Root, filepath.FromSlash(file))
	source, err := os.ReadFile(original)
	if err != nil {
		return "", fmt.Errorf("the toolchain's source: %w", err)
	}
	patched, err := Patch(string(source))
	if err != nil {
		return "", &UnsupportedError{t.Version, err.Error()}
	}
	dir, err = filepath.Abs(dir)
	if err != nil {
		return "", fmt.Errorf("%s: %w", dir, err)
	}
	if err := os.MkdirAll(dir, 0o750); err != nil {
		return "", fmt.Errorf("the folder of the overlay: %w", err)
	}
	replacement := filepath.Join(dir, filepath.Base(original))
	list, err := json.MarshalIndent(map[string]map[string]string{"Replace": {original: replacement}}, "", "  ")
	if err != nil {
		return "", fmt.Errorf("overlay.json: %w", err)
	}
	path := filepath.Join(dir, "overlay.json")
	return path, errors.Join(atomicfile.Write(replacement, []byte(patched), 0o644),
		atomicfile.Write(path, append(list, '\n'), 0o644))
}

// Patch adds the entries to the source of runtime2.go. It fails if the table or a reason is not
// there, or is there already.
func Patch(source string) (string, error) {
	begin := strings.Index(source, table)
	if begin < 0 || strings.Count(source, table) != 1 {
		return "", errors.New("its runtime has no table isIdleInSynctest")
	}
	end := strings.Index(source[begin:], "\n}\n")
	if end < 0 {
		return "", errors.New("its runtime's table isIdleInSynctest has no end")
	}
	var added strings.Builder
	for _, reason := range reasons() {
		switch {
		case !strings.Contains(source, "\t"+reason+" ") && !strings.Contains(source, "\t"+reason+"\n"):
			return "", fmt.Errorf("its runtime does not know %s", reason)
		case strings.Contains(source[begin:begin+end], reason+":"):
			return "", fmt.Errorf("its runtime counts %s already", reason)
		}
		fmt.Fprintf(&added, "\t%s: true,\n", reason)
	}
	return source[:begin+len(table)] + added.String() + source[begin+len(table):], nil
}
