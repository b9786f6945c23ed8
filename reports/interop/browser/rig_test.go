package browser_test

import (
	"context"
	"flag"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"testing"

	"github.com/chromedp/chromedp"
)

var (
	// enabled says that there is a Chromium. Without it every test is skipped.
	enabled = flag.Bool("browser", false, "open the reports in headless Chromium, which has to be installed")
	// axePath is where `make browser` installs axe-core.
	axePath = flag.String("axe", "../../../.cache/browser/node_modules/axe-core/axe.min.js", "axe.min.js of axe-core")
	// shots is the folder of the screenshots.
	shots = flag.String("screenshots", "../../../.cache/browser/screenshots", "keep the screenshots in this folder")
)

// browser is the context of the browser of all tests, which is started once.
var browser context.Context

// TestMain starts the browser, and stops it after the tests.
func TestMain(m *testing.M) {
	flag.Parse()
	if !*enabled {
		m.Run()
		return
	}
	if err := with(m.Run); err != nil {
		slog.Error("no browser", "error", err)
		os.Exit(1)
	}
}

// with runs the tests while the browser runs. The browser resolves no name, so that a page that
// asks for one is seen to ask, and gets nothing.
func with(tests func() int) error {
	options := append(chromedp.DefaultExecAllocatorOptions[:],
		chromedp.Flag("host-resolver-rules", "MAP * ~NOTFOUND"), chromedp.DisableGPU)
	if os.Geteuid() == 0 {
		options = append(options, chromedp.NoSandbox) // Chromium has no sandbox for root
	}
	parent, stop := chromedp.NewExecAllocator(context.Background(), options...)
	defer stop()
	ctx, cancel := chromedp.NewContext(parent)
	defer cancel()
	if err := chromedp.Do(ctx); err != nil {
		return fmt.Errorf("start Chromium (Debian: chromium): %w", err)
	}
	browser = ctx //nolint:fatcontext // it is one browser for all tests
	tests()
	return nil
}

// needBrowser skips a test where no browser is wanted.
func needBrowser(t *testing.T) {
	t.Helper()
	if !*enabled {
		t.Skip("it needs a Chromium: -browser says that there is one, as `make browser` does")
	}
}

// written writes a page into a folder of the test, and returns its address.
func written(t *testing.T, name, html string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, []byte(html), 0o600); err != nil {
		t.Fatal(err)
	}
	return "file://" + path
}
