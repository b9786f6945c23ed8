package browser_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/input"
	cdplog "github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
)

// patience is how long a test waits for what a page should do at once. It is long, because the
// machine may be busy; it costs nothing where the page does it.
const patience = 20 * time.Second

// A page is a tab, with what the page in it did that no report may do.
type page struct {
	t   *testing.T
	ctx context.Context

	mu       sync.Mutex
	allowed  string
	problems []string
}

// A look is how a page is looked at.
type look struct {
	width, height int64
	dark          bool
	// noScript turns JavaScript off.
	noScript bool
}

// desktop is a usual window, and phone the width of a usual phone.
var (
	desktop = look{width: 1280, height: 800}
	phone   = look{width: 390, height: 844}
)

// inDark returns the look in the dark theme.
func (l look) inDark() look {
	l.dark = true
	return l
}

// newPage opens an empty tab, which the end of the test closes.
func newPage(t *testing.T, l look) *page {
	t.Helper()
	needBrowser(t)
	// Its own context has a storage of its own: all pages of files share one, with the theme in it.
	ctx, cancel := chromedp.NewContext(browser, chromedp.WithNewBrowserContext())
	t.Cleanup(cancel)
	p := &page{t: t, ctx: ctx}
	if err := chromedp.Do(ctx); err != nil {
		t.Fatal(err)
	}
	if err := chromedp.Listen(ctx, p.hear); err != nil {
		t.Fatal(err)
	}
	p.look(l)
	return p
}

// open opens a page and waits until it is loaded.
func open(t *testing.T, url string, l look) *page {
	t.Helper()
	p := newPage(t, l)
	p.navigate(url)
	return p
}

// look sets window, theme and whether scripts run.
func (p *page) look(l look) {
	p.t.Helper()
	scheme := "light"
	if l.dark {
		scheme = "dark"
	}
	call(p, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{
		Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: scheme}},
	})
	call(p, emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: l.noScript})
	p.do(chromedp.EmulateViewport(l.width, l.height))
}

// navigate loads a page. From then on the page may ask for this address alone.
func (p *page) navigate(url string) {
	p.t.Helper()
	file, _, _ := strings.Cut(url, "#")
	p.mu.Lock()
	p.allowed = file
	p.mu.Unlock()
	p.do(chromedp.Navigate(url))
}

// hear notes every event that no report may cause.
func (p *page) hear(event any) {
	p.mu.Lock()
	defer p.mu.Unlock()
	switch e := event.(type) {
	case *network.EventRequestWillBeSent:
		p.asks(e.Request.URL)
	case *network.EventWebSocketCreated:
		p.asks(e.URL)
	case *network.EventWebTransportCreated:
		p.asks(e.URL)
	case *runtime.EventExceptionThrown:
		p.note("exception: %s", thrown(e.ExceptionDetails))
	case *runtime.EventConsoleAPICalled:
		switch e.Type { //nolint:exhaustive // the others are no problem
		case runtime.ConsoleAPICalledTypeError, runtime.ConsoleAPICalledTypeWarning, runtime.ConsoleAPICalledTypeAssert:
			p.note("console %s: %s", e.Type, arguments(e.Args))
		}
	case *cdplog.EventEntryAdded:
		if e.Entry.Level == cdplog.EntryLevelError || e.Entry.Level == cdplog.EntryLevelWarning {
			p.note("log %s: %s", e.Entry.Level, e.Entry.Text)
		}
	}
}

// asks notes a request for anything but the page and what it carries itself.
func (p *page) asks(url string) {
	file, _, _ := strings.Cut(url, "#")
	for _, own := range []string{"data:", "blob:", "about:"} {
		if strings.HasPrefix(url, own) {
			return
		}
	}
	if file != p.allowed {
		p.note("request: %s", url)
	}
}

func (p *page) note(format string, args ...any) {
	p.problems = append(p.problems, fmt.Sprintf(format, args...))
}

// thrown returns the text of an exception.
func thrown(d *runtime.ExceptionDetails) string {
	if d.Exception != nil && d.Exception.Description != "" {
		return d.Exception.Description
	}
	return d.Text
}

// arguments joins what was given to the console.
func arguments(all []*runtime.RemoteObject) string {
	var texts []string
	for _, a := range all {
		texts = append(texts, strings.TrimSpace(string(a.Value)+" "+a.Description))
	}
	return strings.Join(texts, " ")
}

// amiss returns what is wrong with the elements of a page: addresses of others, names of attributes
// that come of a quotation mark in the wrong place, and an id that occurs twice.
const amiss = `(() => {
	const found = [], ids = new Set();
	for (const e of document.querySelectorAll('*')) {
		for (const {name, value} of e.attributes) {
			if (!/^[a-z][a-z0-9:-]*$/i.test(name)) found.push('bad attribute: ' + name + ' of ' + e.localName);
			const loads = ['src', 'srcset', 'data', 'poster', 'action', 'xlink:href'].includes(name) ||
				name === 'href' && e.localName !== 'a';
			if (!loads || !value || /^(#|data:|blob:)/.test(value)) continue;
			found.push('refers to: ' + e.localName + ' ' + value);
		}
		if (!e.id) continue;
		if (ids.has(e.id)) found.push('twice: id ' + e.id);
		ids.add(e.id);
	}
	return found;
})()`

// found returns what the page did wrong until now: requests, exceptions, errors on the console, and
// what is amiss with its elements.
func (p *page) found() []string {
	p.t.Helper()
	elements := eval[[]string](p, amiss)
	p.mu.Lock()
	defer p.mu.Unlock()
	return append(slices.Clone(p.problems), elements...)
}

// clean fails the test if the page did something wrong.
func (p *page) clean() {
	p.t.Helper()
	for _, problem := range p.found() {
		p.t.Errorf("%s", problem)
	}
}

// do runs actions, and ends the test if one fails or does not end.
func (p *page) do(steps ...chromedp.Action[chromedp.Void]) {
	p.t.Helper()
	ctx, cancel := context.WithTimeout(p.ctx, patience)
	defer cancel()
	if err := chromedp.Do(ctx, steps...); err != nil {
		p.t.Fatal(err)
	}
}

// press presses keys, one after another.
func (p *page) press(keys ...string) {
	p.t.Helper()
	for _, key := range keys {
		p.do(chromedp.KeyEvent(key))
	}
}

// until waits until an expression is true.
func (p *page) until(expression string) {
	p.t.Helper()
	ctx, cancel := context.WithTimeout(p.ctx, patience)
	defer cancel()
	often := chromedp.WithPollingInterval(20 * time.Millisecond) // a tab in the background draws no frames
	if _, err := chromedp.Run(ctx, chromedp.Poll[bool](expression, often)); err != nil {
		p.t.Fatalf("not within %v: %s: %v", patience, expression, err)
	}
}

// eval returns the value of an expression, or of what it promises.
func eval[T any](p *page, expression string) T {
	p.t.Helper()
	ctx, cancel := context.WithTimeout(p.ctx, patience)
	defer cancel()
	value, err := chromedp.Run(ctx, chromedp.Evaluate[T](expression, chromedp.EvalAwaitPromise))
	if err != nil {
		p.t.Fatalf("%v: %s", err, expression)
	}
	return value
}

// call sends a command of the protocol.
func call[P, R any](p *page, command cdp.Command[P, R], params P) R {
	p.t.Helper()
	ctx, cancel := context.WithTimeout(p.ctx, patience)
	defer cancel()
	result, err := chromedp.Call(ctx, command, params)
	if err != nil {
		p.t.Fatal(err)
	}
	return result
}

// middle scrolls an element into view, and returns its middle in the window.
func (p *page) middle(selector string) (x, y float64) {
	p.t.Helper()
	at := eval[[]float64](p, fmt.Sprintf(`(() => {
		const e = document.querySelector(%[1]q);
		if (!e) throw new Error('there is no ' + %[1]q);
		e.scrollIntoView({block: 'center', behavior: 'instant'});
		const box = [...e.getClientRects()].find(r => r.width > 0 && r.height > 0);
		if (!box) throw new Error(%[1]q + ' cannot be seen');
		return [box.x + box.width / 2, box.y + box.height / 2];
	})()`, selector))
	return at[0], at[1]
}

// click clicks on the first element that a selector matches, as a reader does: it has to be on top.
func (p *page) click(selector string) {
	p.t.Helper()
	x, y := p.middle(selector)
	if over := eval[string](p, fmt.Sprintf(`(() => {
		const e = document.querySelector(%q), top = document.elementFromPoint(%f, %f);
		return e.contains(top) || top?.contains(e) ? '' : top?.outerHTML.slice(0, 200) ?? 'the edge of the window';
	})()`, selector, x, y)); over != "" {
		p.t.Fatalf("over %s is %s", selector, over)
	}
	p.do(chromedp.MouseClickXY(x, y))
}

// hover moves the pointer over an element.
func (p *page) hover(selector string) {
	p.t.Helper()
	x, y := p.middle(selector)
	p.do(chromedp.MouseEvent(input.DispatchMouseEventTypeMouseMoved, x, y))
}

// wheel turns the wheel over an element, with Ctrl pressed, towards the screen.
func (p *page) wheel(selector string) {
	p.t.Helper()
	x, y := p.middle(selector)
	p.do(chromedp.MouseEvent(input.DispatchMouseEventTypeMouseWheel, x, y,
		func(m *input.DispatchMouseEventParams) {
			m.DeltaX, m.DeltaY, m.Modifiers = 0.01, -120, int64(chromedp.ModifierCtrl) // a zero would not be sent
		}))
}

func contains(text, part string) bool { return strings.Contains(text, part) }
