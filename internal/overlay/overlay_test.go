package overlay_test

import (
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/chaosrun/chaosrun/internal/overlay"
)

// runtime2 is as much of the runtime's file as matters.
const runtime2 = `package runtime

const (
	waitReasonSleep            waitReason = iota // "sleep"
	waitReasonSyncMutexLock                      // "sync.Mutex.Lock"
	waitReasonSyncRWMutexRLock                   // "sync.RWMutex.RLock"
	waitReasonSyncRWMutexLock                    // "sync.RWMutex.Lock"
)

var isIdleInSynctest = [len(waitReasonStrings)]bool{
	waitReasonSleep: true,
}
`

func TestPatch(t *testing.T) {
	patched, err := overlay.Patch(runtime2)
	if err != nil {
		t.Fatal(err)
	}
	for _, line := range []string{
		"waitReasonSleep: true,", "waitReasonSyncMutexLock: true,", "waitReasonSyncRWMutexRLock: true,",
		"waitReasonSyncRWMutexLock: true,",
	} {
		if strings.Count(patched, "\t"+line+"\n") != 1 {
			t.Errorf("want the line %q once in:\n%s", line, patched)
		}
	}
	wrong := map[string]struct{ source, says string }{
		"another Go": {strings.ReplaceAll(runtime2, "isIdleInSynctest", "isBlocked"), "no table isIdleInSynctest"},
		"an unknown word": {
			strings.ReplaceAll(runtime2, "waitReasonSyncMutexLock", "waitReasonMutex"),
			"does not know waitReasonSyncMutexLock",
		},
		"patched already": {patched, "counts waitReasonSyncMutexLock already"},
		"cut off":         {strings.TrimSuffix(runtime2, "}\n"), "no end"},
	}
	for name, test := range wrong {
		if _, err := overlay.Patch(test.source); err == nil || !strings.Contains(err.Error(), test.says) {
			t.Errorf("%s: got %v, want %q", name, err, test.says)
		}
	}
}

// TestWrite writes an overlay that names the file of the installation.
func TestWrite(t *testing.T) {
	root := t.TempDir()
	source := filepath.Join(root, "src", "runtime", "runtime2.go")
	if err := errors.Join(os.MkdirAll(filepath.Dir(source), 0o755),
		os.WriteFile(source, []byte(runtime2), 0o600)); err != nil {
		t.Fatal(err)
	}
	for _, version := range []string{"go1.26", "go1.26.8", "go1.27.4"} {
		dir := filepath.Join(t.TempDir(), "new")
		path, err := overlay.Write(overlay.Toolchain{Root: root, Version: version}, dir)
		if err != nil {
			t.Errorf("%s: %v", version, err)
			continue
		}
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		var list struct {
			Replace map[string]string `json:"Replace"`
		}
		if err := json.Unmarshal(text, &list); err != nil || list.Replace[source] != filepath.Join(dir, "runtime2.go") {
			t.Errorf("%s: %v, %s", version, err, text)
		}
	}
	downloaded := overlay.Toolchain{Root: root, Version: "go1.26.8", Cache: filepath.Dir(root)}
	if _, err := overlay.Write(downloaded, t.TempDir()); err == nil || !strings.Contains(err.Error(), "module cache") {
		t.Errorf("a toolchain in the module cache: got %v", err)
	}
	for _, version := range []string{"go1.25.3", "go1.28.0", "go1.260", "devel go1.27-abc"} {
		_, err := overlay.Write(overlay.Toolchain{Root: root, Version: version}, t.TempDir())
		if unsupported, ok := errors.AsType[*overlay.UnsupportedError](err); !ok || unsupported.Version != version {
			t.Errorf("%s: got %v, want an UnsupportedError", version, err)
		}
	}
}

// TestInstalled asks the Go that runs this test, whose overlay can be written.
func TestInstalled(t *testing.T) {
	toolchain, err := overlay.Installed(t.Context(), ".")
	if err != nil {
		t.Fatal(err)
	}
	_, err = overlay.Write(toolchain, t.TempDir())
	if unsupported, ok := errors.AsType[*overlay.UnsupportedError](err); ok &&
		strings.Contains(unsupported.Reason, "module cache") {
		t.Skip(err)
	}
	if err != nil {
		t.Errorf("%+v: %v", toolchain, err)
	}
}
