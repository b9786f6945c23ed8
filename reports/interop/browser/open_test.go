package browser_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/chaosrun/chaosrun/reports"
)

// TestWholeCatalogue opens the report of the whole catalogue under every policy, and each of its
// runs: each draws its lanes, or says why not, and nothing else happens.
func TestWholeCatalogue(t *testing.T) {
	report := catalogue(t)
	p := loaded(t, addressOf(t, report), desktop)
	cells := eval[int](p, `document.querySelectorAll('#matrix td[data-verdict]').length`)
	if cells != len(report.Runs) {
		t.Errorf("the table has %d cells, want %d", cells, len(report.Runs))
	}
	type seen struct {
		ID, Verdict     string
		Lanes, Bars     int
		Said, Sentenced bool
	}
	var all []seen
	sections := eval[int](p, `document.querySelectorAll('section.run').length`)
	for from := 0; from < sections; from += 20 { // some at once, so that a busy machine is no failure
		all = append(all, eval[[]seen](p, fmt.Sprintf(`(async () => {
			const all = [];
			for (const section of [...document.querySelectorAll('section.run')].slice(%[1]d, %[1]d + 20)) {
				const turned = new Promise(done => addEventListener('hashchange', done, {once: true}));
				location.hash = '#' + section.id;
				await turned;
				all.push({
					ID: section.id, Verdict: section.dataset.verdict,
					Lanes: section.querySelectorAll('.picture .lane-name').length,
					Bars: section.querySelectorAll('.picture .bar').length,
					Said: !section.querySelector('.lanes') && section.querySelectorAll('p.note').length > 0,
					Sentenced: section.querySelector('.sentence')?.textContent.length > 10,
				});
			}
			return all;
		})()`, from))...)
	}
	drawn := 0
	for _, s := range all {
		if s.Lanes > 0 && s.Bars > 0 {
			drawn++
		} else if !s.Said {
			t.Errorf("%s, %s, has %d lanes with %d bars, and does not say why", s.ID, s.Verdict, s.Lanes, s.Bars)
		}
		if s.Verdict == "failed" && (s.Lanes == 0 || !s.Sentenced) {
			t.Errorf("%s failed, and has %d lanes and no sentence", s.ID, s.Lanes)
		}
	}
	t.Logf("%d runs, %d sections, %d of them drawn", len(report.Runs), len(all), drawn)
	if drawn < report.Summary.Failed {
		t.Errorf("%d runs are drawn, and %d failed", drawn, report.Summary.Failed)
	}
}

// TestOpensInASecond measures how long a report of 200 runs takes to open, all with their
// timelines, the overview and one of its runs.
func TestOpensInASecond(t *testing.T) {
	const most = 200
	report := only(catalogue(t), func(run reports.Run) bool { return true })
	cut := reports.Report{Schema: report.Schema, Version: report.Version, Seed: report.Seed}
	for _, run := range report.Runs[:most] {
		cut.Add(run)
	}
	url := addressOf(t, cut)
	for _, part := range []string{"", fmt.Sprintf("#run-%d", position(t, cut, "heartbeat-only", "hermes-0.13"))} {
		if !opensWithin(t, url+part, time.Second) {
			t.Errorf("the report of %d runs took more than 1 s to open %q in each of %d attempts", most, part, opens)
		}
	}
}

// TestAddresses opens runs by address, goes back, and gives addresses that lead nowhere.
func TestAddresses(t *testing.T) {
	report := few(t)
	id := position(t, report, "heartbeat-only", "hermes-0.13")
	url := addressOf(t, report)
	const shown = `[...document.querySelectorAll('main > section:not([hidden])')].map(s => s.id).join(' ')`
	is := func(p *page, want string) {
		t.Helper()
		p.until(fmt.Sprintf(`%s === %q`, shown, want))
	}
	p := loaded(t, url, desktop)
	is(p, "overview")
	p.click(fmt.Sprintf("#matrix a[href='#run-%d']", id))
	is(p, fmt.Sprintf("run-%d", id))
	if got := eval[string](p, `document.title`); got != "heartbeat-only / hermes-0.13: failed" {
		t.Errorf("the title of the tab is %q", got)
	}
	if got := eval[string](p, `document.activeElement.localName`); got != "h2" {
		t.Errorf("the focus is on %s, want the heading of the run", got)
	}
	p.do(back)
	is(p, "overview")
	p.do(forward)
	is(p, fmt.Sprintf("run-%d", id))
	p.click(fmt.Sprintf("#run-%d a[href='#overview']", id))
	is(p, "overview")
	for _, part := range []string{"#run-99999", "#compare-1-99999", "#%", "#data-1"} {
		is(loaded(t, url+part, desktop), "overview")
	}
	is(loaded(t, fmt.Sprintf("%s#run-%d", url, id), desktop), fmt.Sprintf("run-%d", id))
}
