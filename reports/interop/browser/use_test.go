package browser_test

import (
	"fmt"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// The buttons of the browser.
var (
	back    = chromedp.NavigateBack()
	forward = chromedp.NavigateForward()
)

// A shown is what the overview shows.
type shown struct{ Rows, Columns, Cells int }

// seen counts what can be seen of the table.
func (p *page) seen() shown {
	p.t.Helper()
	return eval[shown](p, `(() => {
		const seen = e => e.getClientRects().length > 0;
		const count = s => [...document.querySelectorAll(s)].filter(seen).length;
		return {
			Rows: count('#matrix tbody tr'), Columns: count('#matrix thead th[data-label]'),
			Cells: count('#matrix td[data-verdict]:not(.faded)'),
		};
	})()`)
}

// set types into a field, or chooses an option, as a reader does.
func (p *page) set(selector, value string) {
	p.t.Helper()
	p.do(chromedp.Focus(chromedp.CSS(selector)))
	if eval[string](p, fmt.Sprintf(`document.querySelector(%q).localName`, selector)) == "select" {
		p.do(chromedp.SetValue(chromedp.CSS(selector), value))
		p.do(chromedp.Evaluate[chromedp.Void](fmt.Sprintf(
			`document.querySelector(%q).dispatchEvent(new Event('input', {bubbles: true}))`, selector)))
		return
	}
	p.do(chromedp.Evaluate[chromedp.Void](fmt.Sprintf(`document.querySelector(%q).select()`, selector)))
	p.press(kb.Backspace)
	for _, r := range value {
		p.press(string(r))
	}
}

// TestFilters searches and filters the overview.
func TestFilters(t *testing.T) {
	report := few(t)
	failed, recommended := report.Summary.Failed, 5
	p := loaded(t, addressOf(t, report), desktop)
	for _, test := range []struct {
		search, verdict, target string
		want                    shown
	}{
		{"", "", "", shown{5, 3, len(report.Runs)}},
		{"heartbeat", "", "", shown{1, 3, 3}},
		{"HEARTBEAT token", "", "", shown{1, 3, 3}}, // of the title
		{"flagship", "", "", shown{1, 3, 3}},        // a tag
		{"no such scenario", "", "", shown{0, 3, 0}},
		{"", "", "recommended", shown{5, 1, recommended}},
		{"nothing is", "passed", "", shown{1, 3, 3}},
		{"healthy", "passed", "", shown{2, 3, 6}},
		{"healthy", "failed", "", shown{0, 3, 0}},
		{"", "", "", shown{5, 3, len(report.Runs)}},
	} {
		p.set("#search", test.search)
		p.set("#filter-verdict", test.verdict)
		p.set("#filter-target", test.target)
		if got := p.seen(); got != test.want {
			t.Errorf("search %q, verdict %q, target %q: got %+v, want %+v", test.search, test.verdict, test.target, got,
				test.want)
		}
	}
	p.set("#filter-verdict", "failed")
	if got := p.seen(); got.Cells != failed || got.Rows == 5 {
		t.Errorf("of %d failures in less than 5 rows, got %+v", failed, got)
	}
	said := eval[string](p, `document.querySelector('#count').textContent`)
	if want := fmt.Sprintf("%d scenarios, %d cells", p.seen().Rows, failed); said != want {
		t.Errorf("it says %q, want %q", said, want)
	}
}

// TestOrder checks that the control comes first, and then the slowest.
func TestOrder(t *testing.T) {
	p := loaded(t, addressOf(t, few(t)), desktop)
	rows := eval[[]string](p, `[...document.querySelectorAll('#matrix tbody tr')].map(r => r.dataset.scenario)`)
	if len(rows) != 5 || rows[0] != "healthy" || rows[1] != "heartbeat-only" {
		t.Errorf("the rows are %v, want healthy, and then heartbeat-only", rows)
	}
	cell := eval[string](p, `document.querySelector(
		'#matrix tr[data-scenario="heartbeat-only"] td[data-label="hermes-0.13"]').innerText`)
	for _, want := range []string{"failed", "answered", "3p/1s", "15m"} {
		if !contains(cell, want) {
			t.Errorf("the flagship's cell says %q, and not %q", cell, want)
		}
	}
}

// flagship opens the run that all of it is about.
func flagship(t *testing.T, l look) *page {
	t.Helper()
	report := few(t)
	url := fmt.Sprintf("%s#run-%d", addressOf(t, report), position(t, report, "heartbeat-only", "hermes-0.13"))
	p := loaded(t, url, l)
	p.until(`document.querySelectorAll('section.run:not([hidden]) .picture .bar').length > 0`)
	return p
}

// drawn tells which part of the run is drawn, and how: where each bar begins and ends.
func (p *page) drawn() string {
	p.t.Helper()
	return eval[string](p, `[...document.querySelectorAll('section.run:not([hidden]) .bar rect')]
		.map(r => r.getAttribute('x') + '+' + r.getAttribute('width')).join(' ')`)
}

// count counts elements of the run that is shown.
func (p *page) count(selector string) int {
	p.t.Helper()
	return eval[int](p, fmt.Sprintf(`document.querySelectorAll(%q).length`, "section.run:not([hidden]) "+selector))
}

// TestAxis unfolds a gap, shows the true scale, and zooms with buttons, keys and the wheel.
func TestAxis(t *testing.T) {
	p := flagship(t, desktop)
	folded := p.count(".gap")
	if folded == 0 {
		t.Fatal("15 minutes of silence are not folded")
	}
	p.click("section.run:not([hidden]) .gap rect")
	if got := p.count(".gap"); got != folded-1 {
		t.Errorf("a click on a gap leaves %d of %d folded", got, folded)
	}
	p.click("section.run:not([hidden]) button.scale")
	if got := p.count(".gap"); got != 0 {
		t.Errorf("in true scale %d gaps are folded", got)
	}
	p.click("section.run:not([hidden]) button.scale")
	if got := p.count(".gap"); got != folded {
		t.Errorf("back from true scale %d gaps are folded, want %d", got, folded)
	}
	whole := p.drawn()
	zoomed := func(how string) {
		t.Helper()
		if got := p.drawn(); got == whole {
			t.Errorf("%s did not zoom: %s", how, got)
		}
		p.click("section.run:not([hidden]) button.zoom-all")
		if got := p.drawn(); got != whole {
			t.Errorf("after %s the whole run is %s, want %s", how, got, whole)
		}
	}
	p.click("section.run:not([hidden]) button.zoom-in")
	zoomed("the button")
	p.wheel("section.run:not([hidden]) .picture")
	zoomed("the wheel")
	p.do(chromedp.Focus(chromedp.CSS("section.run:not([hidden]) .picture g[tabindex='0']")))
	p.press("+")
	zoomed("the key")
	p.click("section.run:not([hidden]) button.zoom-in")
	p.click("section.run:not([hidden]) button.zoom-out")
	if got := p.drawn(); got != whole {
		t.Errorf("in and out is %s, want %s", got, whole)
	}
}

// TestEvidence clicks on an expectation, and sees its events in the lanes.
func TestEvidence(t *testing.T) {
	p := flagship(t, desktop)
	p.click("section.run:not([hidden]) li.failed .evidence-button")
	if p.count(".evidence circle") == 0 {
		t.Error("a failed expectation shows no evidence")
	}
	if got := eval[bool](p, `(() => {
		const box = document.querySelector('section.run:not([hidden]) .evidence circle').getBoundingClientRect();
		return box.top >= 0 && box.bottom <= innerHeight;
	})()`); !got {
		t.Error("the evidence is not within the window")
	}
	p.click("section.run:not([hidden]) li.failed .evidence-button")
	if got := p.count(".evidence circle"); got != 0 {
		t.Errorf("a second click leaves %d events marked", got)
	}
}

// TestCard clicks on a bar, and reads its cause and its raw frames.
func TestCard(t *testing.T) {
	p := flagship(t, desktop)
	p.click("section.run:not([hidden]) .bar.stall[aria-label^='primary #1'] rect")
	p.until(`!!document.querySelector('section.run:not([hidden]) .card.pinned:not([hidden])')`)
	card := eval[string](p, `document.querySelector('section.run:not([hidden]) .card').innerText`)
	for _, want := range []string{"stall", "heartbeats", "heartbeat-sent"} {
		if !contains(card, want) {
			t.Errorf("the card of the stall does not say %q:\n%s", want, card)
		}
	}
	p.click("section.run:not([hidden]) .card .close")
	if got := p.count(".card:not([hidden])"); got != 0 {
		t.Error("the card does not close")
	}
	p.hover("section.run:not([hidden]) .bar.answer rect")
	p.until(`!!document.querySelector('section.run:not([hidden]) .card:not([hidden]):not(.pinned)')`)
}

// TestCompare chooses two cells and compares them.
func TestCompare(t *testing.T) {
	report := few(t)
	p := loaded(t, addressOf(t, report), desktop)
	a, b := position(t, report, "heartbeat-only", "hermes-0.13"), position(t, report, "heartbeat-only", "recommended")
	p.click("#compare-mode")
	for _, id := range []int{a, b} {
		p.click(fmt.Sprintf("#matrix td[data-run='%d'] a", id))
	}
	p.until(fmt.Sprintf(`location.hash === '#compare-%d-%d'`, a, b))
	p.until(`!!document.querySelector('#compare .picture .bar')`)
	texts := eval[[]string](p, `[...document.querySelectorAll('#compare .heading')].map(h => h.textContent)`)
	if fmt.Sprint(texts) != "[heartbeat-only / hermes-0.13 heartbeat-only / recommended]" {
		t.Errorf("the lanes belong to %v", texts)
	}
	rows := eval[[][]string](p, `[...document.querySelectorAll('#compare .differences tbody tr')].map(
		r => [...r.children].map(c => c.textContent))`)
	names := map[string]bool{}
	for _, row := range rows {
		names[row[0]] = true
		if len(row) != 3 || row[1] == row[2] {
			t.Errorf("%v is no difference", row)
		}
	}
	for _, want := range []string{"verdict", "time to fallback", "policy"} {
		if !names[want] {
			t.Errorf("the differences have no %s: %v", want, rows)
		}
	}
	for _, equal := range []string{"seed", "clock", "target"} {
		if names[equal] {
			t.Errorf("%s is equal, and among the differences", equal)
		}
	}
}

// TestTheme changes the colours. At first they are the system's.
func TestTheme(t *testing.T) {
	url := addressOf(t, few(t))
	const paper = `getComputedStyle(document.body).backgroundColor`
	for _, l := range []look{desktop, desktop.inDark()} {
		p := loaded(t, url, l)
		first := eval[string](p, paper)
		if isDark := first != "rgb(255, 255, 255)"; isDark != l.dark {
			t.Errorf("the system is dark: %v, and the page is %s", l.dark, first)
		}
		p.click("#theme")
		second := eval[string](p, paper)
		if second == first {
			t.Errorf("the button does not change %s", first)
		}
		p.click("#theme")
		if got := eval[string](p, paper); got != first {
			t.Errorf("twice pressed, the button leaves %s, want %s", got, first)
		}
	}
}
