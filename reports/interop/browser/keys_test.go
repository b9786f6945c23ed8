package browser_test

import (
	"slices"
	"testing"

	"github.com/chromedp/chromedp/kb"
)

// focused names the element that has the focus, and says whether its reader sees that.
const focused = `(() => {
	const e = document.activeElement, style = getComputedStyle(e), box = e.getBoundingClientRect();
	const drawn = e.querySelector(':scope > rect, :scope > .target');
	const marked = style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 2 ||
		drawn && getComputedStyle(drawn).strokeWidth !== '1px';
	const seen = box.width > 0 && box.bottom > 0 && box.top < innerHeight && box.right > 0;
	const name = e.id || e.classList[0] || e.localName;
	return name + (seen ? '' : ' (out of sight)') + (marked ? '' : ' (not marked)');
})()`

// TestKeyboard finds the slowest run and its evidence with the keyboard alone.
func TestKeyboard(t *testing.T) {
	p := loaded(t, addressOf(t, few(t)), desktop)
	var walked []string
	tab := func(to string, most int) {
		t.Helper()
		for range most {
			p.press(kb.Tab)
			walked = append(walked, eval[string](p, focused))
			if walked[len(walked)-1] == to {
				return
			}
		}
		t.Fatalf("Tab does not lead to %s, but to %q", to, walked)
	}
	tab("skip", 1)
	tab("theme", 2)
	tab("search", 10)
	for _, r := range "heartbeat" {
		p.press(string(r))
	}
	p.until(`document.querySelectorAll('#matrix tbody tr:not([hidden])').length === 1`)
	tab("filter-verdict", 1)
	tab("filter-target", 1)
	tab("compare-mode", 1)
	tab("cell", 3)
	p.press(kb.Enter)
	p.until(`document.activeElement.localName === 'h2' && document.querySelectorAll('.picture .bar').length > 0`)
	tab("scale", 4)
	p.press(" ")
	p.until(`document.activeElement.getAttribute('aria-pressed') === 'true'`)
	p.press(" ")
	tab("zoom-all", 4)
	p.press(kb.Tab)
	first := eval[string](p, `document.activeElement.getAttribute('aria-label')`)
	p.press(kb.ArrowDown, kb.ArrowDown, kb.ArrowRight)
	if second := eval[string](p, `document.activeElement.getAttribute('aria-label')`); second == first || second == "" {
		t.Errorf("the arrow keys lead from %q to %q", first, second)
	}
	walked = append(walked, eval[string](p, focused))
	p.press(kb.Enter)
	p.until(`!!document.querySelector('section.run:not([hidden]) .card:not([hidden])')`)
	p.press(kb.Escape)
	p.until(`document.querySelector('section.run:not([hidden]) .card:not([hidden])') === null`)
	tab("evidence-button", 6)
	p.press(kb.Enter)
	p.until(`document.querySelectorAll('.evidence circle').length > 0`)
	bad := slices.DeleteFunc(slices.Clone(walked), func(s string) bool { return s[len(s)-1] != ')' })
	if len(bad) > 0 {
		t.Errorf("of %q a reader does not see: %q", walked, bad)
	}
}
