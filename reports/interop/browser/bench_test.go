package browser_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// TestBench opens the page of a bench of two policies: it draws its charts, and its table is there
// without them.
func TestBench(t *testing.T) {
	needBrowser(t)
	path := filepath.Join(t.TempDir(), "bench.html")
	bench := exec.CommandContext(t.Context(), "go", "run", "./cmd/chaosrun", "bench", "--fault", "heartbeat-only",
		"-n", "20", "--policy", "recommended", "--policy", "hermes-0.13", "--report", "html="+path)
	bench.Dir = filepath.Join("..", "..", "..")
	if out, err := bench.CombinedOutput(); err != nil {
		if _, missing := os.Stat(path); missing != nil {
			t.Fatalf("%v\n%s", err, out)
		}
	}
	for _, l := range []look{desktop, desktop.inDark(), phone} {
		p := loaded(t, "file://"+path, l)
		p.until(`document.querySelectorAll('canvas').length >= 2`)
		p.accessible(t)
		if wide := eval[int64](p, `document.documentElement.scrollWidth`); wide > l.width {
			t.Errorf("the page is %d pixels wide in a window of %d: %s", wide, l.width, eval[string](p, widest))
		}
	}
	off := desktop
	off.noScript = true
	p := loaded(t, "file://"+path, off)
	text := eval[string](p, `document.body.innerText`)
	for _, want := range []string{"recommended", "hermes-0.13"} {
		if !contains(text, want) {
			t.Errorf("without a script the page does not name %s", want)
		}
	}
}
