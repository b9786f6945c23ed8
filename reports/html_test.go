package reports_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"os"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/chaosrun/chaosrun/assertions"
	"github.com/chaosrun/chaosrun/reports"
	"github.com/chaosrun/chaosrun/timeline"
)

// mostScript bounds the script of a page.
const mostScript = 60_000

// written returns the page of a report.
func written(t *testing.T, r reports.Report) string {
	t.Helper()
	var b bytes.Buffer
	if err := reports.HTML(&b, r); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// withoutScript returns a page without what web/src is built to, which has goldens of its own.
func withoutScript(t *testing.T, page string) string {
	t.Helper()
	for _, name := range []string{"page.js", "bench.js", "page.css", "bench.css"} {
		built, err := os.ReadFile("web/" + name)
		if err != nil {
			t.Fatal(err)
		}
		if len(built) > 0 {
			page = strings.ReplaceAll(page, string(built), "/* "+name+" */")
		}
	}
	return regexp.MustCompile(`'sha256-[^']*'`).ReplaceAllString(page, "'sha256-…'")
}

// TestPageIsOneFile checks that a page loads nothing and names no other address but an issue's.
func TestPageIsOneFile(t *testing.T) {
	page := written(t, report())
	loadsNothing(t, page)
	for _, address := range regexp.MustCompile(`https?://[^"<\s]*`).FindAllString(withoutScript(t, page), -1) {
		if !strings.HasPrefix(address, "https://github.com/o/r/issues/1") {
			t.Errorf("it names %s", address)
		}
	}
}

// loadsNothing checks that a page loads nothing: its policy permits its own style and scripts by
// their hashes, and no element refers to another file.
func loadsNothing(t *testing.T, page string) {
	t.Helper()
	policy := regexp.MustCompile(`Content-Security-Policy" content="([^"]*)"`).FindStringSubmatch(page)
	if policy == nil || !strings.HasPrefix(policy[1], "default-src 'none'; ") {
		t.Fatalf("its policy is %q", policy)
	}
	inline := regexp.MustCompile(`(?s)<(?:style|script)>(.*?)</(?:style|script)>`).FindAllStringSubmatch(page, -1)
	for _, part := range inline {
		sum := sha256.Sum256([]byte(part[1]))
		if hash := base64.StdEncoding.EncodeToString(sum[:]); !strings.Contains(policy[1], "'sha256-"+hash+"'") {
			t.Errorf("the policy forbids %.60q", part[1])
		}
	}
	if len(inline) != 3 { // a style, the mark that there is a script, and the script
		t.Errorf("it has %d styles and scripts, want 3", len(inline))
	}
	loads := regexp.MustCompile(`(?i)\ssrc=|<link|<iframe|<img|@import|url\((?:[^#)]|#[^h])|\sstyle=|\son\w+=`)
	if found := loads.FindString(withoutScript(t, page)); found != "" {
		t.Errorf("it has %s", found)
	}
}

// TestPageWithoutScript checks that a reader without a script finds each run's verdict, sentence,
// expectations and replay.
func TestPageWithoutScript(t *testing.T) {
	r := report()
	plain := withoutScript(t, written(t, r))
	for i, run := range r.Runs {
		_, section, found := strings.Cut(plain, fmt.Sprintf("<section class=\"run\" id=\"run-%d\"", i+1))
		section, _, closed := strings.Cut(section, "</section>")
		if !found || !closed {
			t.Fatalf("%s has no section", run.Label())
		}
		if !strings.Contains(plain, fmt.Sprintf("href=\"#run-%d\"", i+1)) {
			t.Errorf("no link goes to %s", run.Label())
		}
		section = strings.NewReplacer("<strong>", "", "</strong>", "").Replace(section)
		wanted := []string{run.Scenario, run.Verdict.String(), run.Replay, reports.Sentence(run)}
		for _, e := range run.Expectations {
			wanted = append(wanted, e.Name, e.Message)
		}
		for _, want := range wanted {
			if !strings.Contains(section, escape(want)) {
				t.Errorf("%s: no %q", run.Label(), want)
			}
		}
	}
}

// escape escapes a text as a page does.
func escape(text string) string {
	return strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;", `"`, "&#34;", "'", "&#39;").Replace(text)
}

// TestPageEscapes checks that no text of a run becomes markup, in the tables or in the data.
func TestPageEscapes(t *testing.T) {
	const evil = `</script><!--<script>alert(1)</script>"'><b>`
	r := report()
	run := r.Runs[1]
	run.Scenario, run.Title, run.Policy, run.Replay, run.Issue, run.Advice = evil, evil, evil, evil, evil, evil
	run.Expectations[0].Message, run.Expectations[0].Advice, run.Expectations[0].Name = evil, evil, evil
	run.Source, run.TargetVersion = "tags: ["+evil+"]\n", evil
	run.Timeline[0].Text, run.Timeline[0].Lane = evil, evil
	plain := withoutScript(t, written(t, reports.Report{
		Version: evil, SDKVersions: map[string]string{evil: evil}, Runs: []reports.Run{run},
	}))
	if found := regexp.MustCompile(`<!--|<b>"|alert\(1\)<|"'>`).FindString(plain); found != "" {
		t.Errorf("it has %s", found)
	}
	if n := strings.Count(plain, "<script"); n != 3 { // the mark, the data and the script
		t.Errorf("it has %d scripts, want 3", n)
	}
	data := regexp.MustCompile(`(?s)id="data-1">(.*?)</script>`).FindStringSubmatch(plain)
	if data == nil {
		t.Fatal("it has no data")
	}
	var read struct {
		Lanes  []string `json:"lanes"`
		Events [][]any  `json:"events"`
	}
	if err := json.Unmarshal([]byte(data[1]), &read); err != nil {
		t.Fatal(err)
	}
	if len(read.Events) != len(run.Timeline) || read.Events[0][3] != evil || read.Lanes[0] != evil {
		t.Errorf("the script gets %v of %v", read.Events[0], read.Lanes)
	}
}

// TestScriptIsSmall bounds the script, which each page has.
func TestScriptIsSmall(t *testing.T) {
	for _, name := range []string{"page.js", "bench.js"} {
		script, err := os.ReadFile("web/" + name)
		if err != nil {
			t.Fatal(err)
		}
		if len(script) > mostScript || len(script) == 0 {
			t.Errorf("%s has %d bytes, want at most %d", name, len(script), mostScript)
		}
		if found := regexp.MustCompile(`(?i)</script|<!--`).Find(script); found != nil {
			t.Errorf("%s has %s", name, found)
		}
	}
}

// TestLongPageKeepsWorstTimelines checks that of more than 200 runs only the failures and the
// slowest run of each cell keep their timelines, and that no failure is without a section.
func TestLongPageKeepsWorstTimelines(t *testing.T) {
	var r reports.Report
	passed, failed := report().Runs[0], report().Runs[1]
	slowest := 0
	for i := range 300 {
		run := passed
		run.Calls = append([]reports.Call{}, run.Calls...)
		took := timeline.Seconds((1 + i*37%300) * 1e10)
		run.Calls[0].Measures.TimeToFallback = &took
		if i*37%300 == 299 {
			slowest = i + 1
		}
		if i%100 == 99 {
			run = failed
			run.Scenario, run.Policy = passed.Scenario, passed.Policy
		}
		r.Add(run)
	}
	plain := withoutScript(t, written(t, r))
	var drawn []string
	for _, found := range regexp.MustCompile(`id="data-(\d+)"`).FindAllStringSubmatch(plain, -1) {
		drawn = append(drawn, found[1])
	}
	want := []string{"100", "200", strconv.Itoa(slowest), "300"}
	if fmt.Sprint(drawn) != fmt.Sprint(want) {
		t.Errorf("runs %v keep their timelines, want %v", drawn, want)
	}
	for _, want := range []string{"3 of 300 failed", "Of more than 200 runs", "further runs passed"} {
		if !strings.Contains(plain, want) {
			t.Errorf("no %q", want)
		}
	}
	for _, link := range regexp.MustCompile(`href="#(run-\d+)"`).FindAllStringSubmatch(plain, -1) {
		if !strings.Contains(plain, `id="`+link[1]+`"`) {
			t.Errorf("a link goes to %s, which is not there", link[1])
		}
	}
}

// TestPageOfNothing checks the page of no run, and that of a run without a timeline.
func TestPageOfNothing(t *testing.T) {
	if page := written(t, reports.Report{}); !strings.Contains(page, "Nothing ran") {
		t.Error("it does not say that nothing ran")
	}
	run := report().Runs[1]
	run.Timeline = nil
	page := withoutScript(t, written(t, reports.Report{Runs: []reports.Run{run}}))
	if strings.Contains(page, `id="data-1"`) || !strings.Contains(page, "--timeline all") {
		t.Error("it does not say how to keep the timeline")
	}
}

// TestPageSaysWhatToChange checks that advice comes first, the most frequent one on top.
func TestPageSaysWhatToChange(t *testing.T) {
	var r reports.Report
	for i, advice := range []string{"count content", "close the stream", "count content", ""} {
		run := report().Runs[1]
		run.Scenario = fmt.Sprintf("s%d", i)
		run.Expectations = []reports.Expectation{{
			Name: "time_to_fallback", Verdict: assertions.Failed, Advice: advice, Message: "late",
		}}
		r.Add(run)
	}
	plain := withoutScript(t, written(t, r))
	_, top, _ := strings.Cut(plain, "<h3>What to change</h3>")
	top, _, _ = strings.Cut(top, "</div>")
	want := []string{"2 runs", "count content", "1 run", "close the stream", "1 run", "time_to_fallback failed"}
	for _, w := range want {
		before, after, found := strings.Cut(top, w)
		if !found {
			t.Fatalf("no %q behind %q", w, before)
		}
		top = after
	}
}
