package browser_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/chaosrun/chaosrun/reports"
)

// harm returns texts that would become markup or script in a careless page. Each would set a
// variable.
func harm() []string {
	return []string{
		`</script><script>window.harmed = 1</script>`,
		`<img src=x onerror="window.harmed = 2">`,
		`"><svg onload="window.harmed = 3">`,
		`' onmouseover='window.harmed = 4`,
		`javascript:window.harmed = 5`,
		`</style><style>body{display:none}</style>`,
		`<!--<script>`, `]]>`, `\u003cscript>window.harmed=6\u003c/script>`,
		"\u202egnp.exe\u2066 and \u0000 \u0007 \u2028\u2029 \ufffe", `{{7*7}} ${window.harmed = 8}`, `%s %d %[9]s %!`,
		`<a href="javascript:window.harmed = 9">x</a>`,
	}
}

// hostile returns a report whose texts all come from somebody else. Some have a megabyte.
func hostile(t *testing.T) reports.Report {
	t.Helper()
	source := few(t)
	run := source.Runs[position(t, source, "heartbeat-only", "hermes-0.13")-1]
	report := reports.Report{
		Schema: reports.Schema, Version: harm()[0], Seed: 1, SDKVersions: map[string]string{harm()[1]: harm()[2]},
	}
	for _, text := range harm() {
		report.Add(harmful(run, text))
	}
	long := strings.Repeat("wide", 1<<18)
	run.Title = long
	run.Expectations = slices.Clone(run.Expectations)
	run.Expectations[0].Message = long
	run.Timeline = slices.Clone(run.Timeline)
	for i := range 4 {
		run.Timeline[i].Text = long
	}
	report.Add(run)
	return report
}

// harmful returns a run in which each text is the given one.
func harmful(run reports.Run, text string) reports.Run {
	run.Scenario, run.Policy, run.Target, run.Title, run.Issue = text, text, text, text, text
	run.Advice, run.Replay, run.Referee, run.SkipReason = text, text, text, text
	run.Source, run.SHA256, run.TargetVersion, run.Clock = "tags: ["+text+"]", text, text, text
	run.Settings = map[string]string{text: text}
	run.Providers = slices.Clone(run.Providers)
	run.Expectations = slices.Clone(run.Expectations)
	for i := range run.Expectations {
		e := &run.Expectations[i]
		e.Name, e.Message, e.Advice = text, text, text
		e.Args, e.Limit, e.Got = map[string]any{text: text}, text, text
	}
	run.Timeline = slices.Clone(run.Timeline)
	for i := range run.Timeline {
		e := &run.Timeline[i]
		e.Text, e.Lane = text, strings.ReplaceAll(e.Lane, "primary", text)
	}
	for i := range run.Providers {
		run.Providers[i].Name = strings.ReplaceAll(run.Providers[i].Name, "primary", text)
	}
	run.Calls = slices.Clone(run.Calls)
	for i := range run.Calls {
		c := &run.Calls[i]
		c.Word, c.AnsweredBy, c.Model, c.Usage, c.Finish, c.Prompt = text, text, text, text, text, text
	}
	return run
}

// TestHostile opens every part of a report whose texts try to become part of the page.
func TestHostile(t *testing.T) {
	report := hostile(t)
	for _, noScript := range []bool{false, true} {
		l := desktop
		l.noScript = noScript
		p := loaded(t, addressOf(t, report), l)
		if !noScript {
			for i := range report.Runs {
				for _, part := range []string{fmt.Sprintf("run-%d", i+1), fmt.Sprintf("compare-%d-1", i+1)} {
					eval[bool](p, fmt.Sprintf(`(async () => {
						const turned = new Promise(done => addEventListener('hashchange', done, {once: true}));
						location.hash = '#%s';
						await turned;
						const shown = document.querySelector('main > section:not([hidden])');
						for (const kind of ['.bar', '.mark', '.evidence-button', 'summary']) {
							for (const b of [...shown.querySelectorAll(kind)].slice(0, 4)) {
								b.dispatchEvent(new MouseEvent('click', {bubbles: true}));
							}
						}
						return true;
					})()`, part))
				}
			}
		}
		if harmed := eval[string](p, `String(window.harmed)`); harmed != "undefined" {
			t.Errorf("the text number %s was executed", harmed)
		}
		if seen := eval[string](p, `getComputedStyle(document.body).display`); seen != "block" {
			t.Errorf("the page is displayed as %s", seen)
		}
		links := eval[[]string](p, `[...document.links].map(l => l.href).filter(a => !/^(file|https):/.test(a))`)
		if len(links) > 0 {
			t.Errorf("there are links to %v", links)
		}
		if got := eval[int](p, `document.querySelectorAll('img, iframe, object, embed').length`); got != 0 {
			t.Errorf("a text became %d elements", got)
		}
		if got := eval[int](p, `document.scripts.length`); got > 2+len(report.Runs) {
			t.Errorf("there are %d scripts for %d runs", got, len(report.Runs))
		}
		if got := eval[int64](p, `document.documentElement.scrollWidth`); got > l.width {
			t.Errorf("the page is %d pixels wide: %s", got, eval[string](p, widest))
		}
	}
}
