package browser_test

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	cdppage "github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"
)

// TestWithoutScript reads the report with JavaScript turned off: everything but the lanes is there.
func TestWithoutScript(t *testing.T) {
	report := few(t)
	off := desktop
	off.noScript = true
	p := loaded(t, addressOf(t, report), off)
	text := eval[string](p, `document.body.innerText`)
	for _, run := range report.Runs {
		parts := []string{run.Scenario, run.Replay}
		for _, e := range run.Expectations {
			parts = append(parts, e.Message)
		}
		for _, part := range parts {
			if !contains(text, strings.Join(strings.Fields(part), " ")) {
				t.Errorf("the report does not say %q of %s", part, run.Label())
			}
		}
	}
	if got := p.seen(); got.Cells != len(report.Runs) || got.Rows != 5 || got.Columns != 3 {
		t.Errorf("%d cells in %d rows and %d columns can be seen, want %d in 5 and 3", got.Cells, got.Rows, got.Columns,
			len(report.Runs))
	}
	if got := eval[int](p, `[...document.querySelectorAll('button, input, select')].length`); got != 0 {
		t.Errorf("there are %d controls, which do nothing without a script", got)
	}
	p.click(fmt.Sprintf("#matrix a[href='#run-%d']", position(t, report, "heartbeat-only", "hermes-0.13")))
	if top := eval[float64](p, `document.querySelector(location.hash).getBoundingClientRect().top`); top > 400 {
		t.Errorf("a link leads to a run that is %v pixels below the window's top", top)
	}
	p.look(desktop) // for axe-core, which is a script; those of the page are not run any more
	p.accessible(t)
}

// TestPrint prints the overview, a run, and the report without a script.
func TestPrint(t *testing.T) {
	report := few(t)
	url := addressOf(t, report)
	run := fmt.Sprintf("#run-%d", position(t, report, "heartbeat-only", "hermes-0.13"))
	off := desktop
	off.noScript = true
	for _, test := range []struct {
		name, part  string
		look        look
		least, most int
	}{
		{"overview", "", desktop, 1, 3},
		{"run", run, desktop, 1, 4},
		{"run-dark", run, desktop.inDark(), 1, 4},
		{"without-script", "", off, len(report.Runs) / 2, 4 * len(report.Runs)},
	} {
		p := loaded(t, url+test.part, test.look)
		pdf := call(p, cdppage.PrintToPDF, cdppage.PrintToPDFParams{PrintBackground: new(true)}).Data
		keep(t, "print-"+test.name+".pdf", pdf)
		pages := bytes.Count(pdf, []byte("/Type /Page\n"))
		t.Logf("%s: %d pages, %d bytes", test.name, pages, len(pdf))
		if !bytes.HasPrefix(pdf, []byte("%PDF-")) || pages < test.least || pages > test.most {
			t.Errorf("%s is printed on %d pages, want %d to %d", test.name, pages, test.least, test.most)
		}
	}
}

// keep writes a file into the folder of screenshots.
func keep(t *testing.T, name string, data []byte) {
	t.Helper()
	if err := os.MkdirAll(*shots, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(*shots, name), data, 0o644); err != nil {
		t.Fatal(err)
	}
}

// views are the parts of a report that people look at: the overview, a run with evidence, a run
// with a card, and two runs compared.
func views(t *testing.T) (url string, all map[string]func(*page)) {
	t.Helper()
	report := few(t)
	a, b := position(t, report, "heartbeat-only", "hermes-0.13"), position(t, report, "heartbeat-only", "recommended")
	to := func(p *page, part string) {
		t.Helper()
		p.do(chromedp.Evaluate[chromedp.Void](fmt.Sprintf(`location.hash = %q`, part)))
	}
	drawn := `document.querySelectorAll('main > section:not([hidden]) .picture .bar').length > 0`
	return addressOf(t, report), map[string]func(*page){
		"overview": func(p *page) { to(p, "#overview") },
		"run": func(p *page) {
			to(p, fmt.Sprintf("#run-%d", a))
			p.until(drawn)
			p.click("section.run:not([hidden]) li.failed .evidence-button")
		},
		"card": func(p *page) {
			to(p, fmt.Sprintf("#run-%d", a))
			p.until(drawn)
			p.click("section.run:not([hidden]) .bar.stall[aria-label^='primary #1'] rect")
			p.until(`!!document.querySelector('section.run:not([hidden]) .card.pinned:not([hidden])')`)
		},
		"compare": func(p *page) {
			to(p, fmt.Sprintf("#compare-%d-%d", a, b))
			p.until(drawn)
		},
		"events": func(p *page) {
			to(p, fmt.Sprintf("#run-%d", b))
			p.until(drawn)
			p.click("section.run:not([hidden]) details.events summary")
			p.until(`document.querySelectorAll('section.run:not([hidden]) details.events tr').length > 5`)
		},
	}
}

// TestLooks lets axe-core look at each view in both themes and at both widths, sees that nothing is
// wider than the window, and keeps a screenshot of each.
func TestLooks(t *testing.T) {
	url, all := views(t)
	for view, show := range all {
		for _, l := range []look{desktop, desktop.inDark(), phone, phone.inDark()} {
			theme := "light"
			if l.dark {
				theme = "dark"
			}
			name := fmt.Sprintf("%s-%d-%s", view, l.width, theme)
			t.Run(name, func(t *testing.T) {
				p := loaded(t, url, l)
				show(p)
				p.accessible(t)
				if wide := eval[int64](p, `document.documentElement.scrollWidth`); wide > l.width {
					t.Errorf("the page is %d pixels wide in a window of %d: %s", wide, l.width, eval[string](p, widest))
				}
				shot, err := chromedp.Run(p.ctx, chromedp.FullScreenshot(100))
				if err != nil {
					t.Fatal(err)
				}
				keep(t, name+".png", shot)
			})
		}
	}
}

// widest names what reaches farthest to the right.
const widest = `(() => {
	const right = e => e.getBoundingClientRect().right;
	const all = [...document.querySelectorAll('body *')].filter(e => !e.closest('.scroll') || e.matches('.scroll'));
	return all.reduce((a, b) => right(b) > right(a) ? b : a).outerHTML.slice(0, 200);
})()`
