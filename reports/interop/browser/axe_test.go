package browser_test

import (
	"encoding/json"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
)

// A finding is what axe-core found, as far as a reader has to know.
type finding struct {
	ID     string `json:"id"`
	Impact string `json:"impact"`
	Help   string `json:"help"`
	Nodes  []struct {
		HTML    string `json:"html"`
		Summary string `json:"failureSummary"`
	} `json:"nodes"`
}

// String names the finding, and the first elements.
func (f finding) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "axe: %s, %s: %s", f.Impact, f.ID, f.Help)
	for i, n := range f.Nodes {
		if i == 3 {
			fmt.Fprintf(&b, "\n    and %d more", len(f.Nodes)-3)
			break
		}
		fmt.Fprintf(&b, "\n    %.300s\n    %s", n.HTML, strings.ReplaceAll(n.Summary, "\n", "\n    "))
	}
	return b.String()
}

// axe returns the serious and critical findings of axe-core about the page as it is now.
func (p *page) axe() (serious []finding) {
	p.t.Helper()
	script, err := os.ReadFile(*axePath)
	if err != nil {
		p.t.Fatalf("no axe-core, which `make browser` installs from npm: %v", err)
	}
	p.do(chromedp.Evaluate[chromedp.Void](string(script)))
	// An animation in progress would be judged at a contrast that nobody sees for long.
	text := eval[string](p, `Promise.all(document.getAnimations().map(a => a.finished.catch(() => 0))).then(() =>
		axe.run(document, {resultTypes: ['violations']})).then(r => JSON.stringify(r.violations))`)
	var all []finding
	if err := json.Unmarshal([]byte(text), &all); err != nil {
		p.t.Fatal(err)
	}
	for _, f := range all {
		if f.Impact == "serious" || f.Impact == "critical" {
			serious = append(serious, f)
		} else {
			p.t.Logf("%s", f)
		}
	}
	return serious
}

// accessible fails the test for each serious and critical finding of axe-core.
func (p *page) accessible(t *testing.T) {
	t.Helper()
	for _, f := range p.axe() {
		t.Errorf("%s", f)
	}
}
