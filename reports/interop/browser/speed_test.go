package browser_test

import (
	"testing"
	"time"

	"github.com/chromedp/cdproto/performance"
	"github.com/chromedp/chromedp"
)

// opens is how often a page is opened at most, to find one time in which the machine was not busy
// with others. A page that is too slow is so every time.
const opens = 6

// A speed is how long it took a page to open.
type speed struct {
	// open is from the start of the navigation until the page is loaded and painted, and has no
	// task of 50 ms or more left to do.
	open time.Duration
	// processor is the time of the page's main thread.
	processor time.Duration
}

// ready promises the milliseconds from the start of the navigation until a page is done. A task is
// long from 50 ms on: https://w3c.github.io/longtasks/. Two frames later the page has been painted,
// and the last long task has been reported.
const ready = `new Promise(done => {
	const tasks = [];
	new PerformanceObserver(list => tasks.push(...list.getEntries())).observe({type: 'longtask', buffered: true});
	const look = () => requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(() => {
		const paint = performance.getEntriesByName('first-contentful-paint')[0]?.startTime;
		if (paint === undefined) return look();
		const loaded = performance.getEntriesByType('navigation')[0].loadEventEnd;
		done(Math.max(loaded, paint, ...tasks.map(task => task.startTime + task.duration)));
	}, 100)));
	look();
})`

// opening measures how long it takes to open a page.
func opening(t *testing.T, url string) speed {
	t.Helper()
	p := newPage(t, desktop)
	call(p, performance.Enable, performance.EnableParams{TimeDomain: performance.EnableTimeDomainThreadTicks})
	p.navigate(url)
	s := speed{open: time.Duration(eval[float64](p, ready) * float64(time.Millisecond))}
	for _, m := range call(p, performance.GetMetrics, struct{}{}).Metrics {
		if m.Name == "TaskDuration" {
			s.processor = time.Duration(m.Value * float64(time.Second))
		}
	}
	if err := chromedp.Cancel(p.ctx); err != nil {
		t.Fatal(err)
	}
	return s
}

// opensWithin opens a page until it took less than a limit, and reports whether it once did.
func opensWithin(t *testing.T, url string, limit time.Duration) bool {
	t.Helper()
	for i := range opens {
		s := opening(t, url)
		t.Logf("open %d took %v, %v of the processor", i+1,
			s.open.Round(time.Millisecond), s.processor.Round(time.Millisecond))
		if s.open < limit {
			return true
		}
	}
	return false
}
