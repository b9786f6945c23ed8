package scenarios

import (
	"errors"
	"fmt"
	"maps"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode"

	"github.com/chaosrun/chaosrun/assertions"
	"github.com/chaosrun/chaosrun/fakeprovider"
	"github.com/chaosrun/chaosrun/internal/strictyaml"
)

// Validate returns all errors in a scenario, joined. Load reports the same errors, each at its
// line.
func (words *Vocabulary) Validate(s Scenario) error {
	var errs []error
	for _, f := range words.flaws(s) {
		errs = append(errs, errors.New(f.String()))
	}
	if err := errors.Join(errs...); err != nil {
		return fmt.Errorf("scenario %q: %w", s.Name, err)
	}
	return nil
}

// A flaw is one error in a scenario.
type flaw struct {
	// at locates the error in the file.
	at      location
	message string
	// what, word and known replace the message if a word is unknown.
	what, word string
	known      []string
}

// A location is a path into a file. A string selects the value of a key, a key selects the key
// itself, and a number selects a list item.
type location []any

// A key ends a location at a key instead of its value.
type key string

// in returns the location extended by parts. It does not modify l.
func (l location) in(parts ...any) location { return append(slices.Clone(l), parts...) }

// String returns the flaw in one line, for scenarios without a file.
func (f flaw) String() string {
	if f.what == "" {
		return f.message
	}
	message := fmt.Sprintf("unknown %s %q", f.what, f.word)
	if near := strictyaml.Nearest(f.word, f.known); near != "" {
		return fmt.Sprintf("%s (did you mean %q?)", message, near)
	}
	return message
}

// validation collects flaws.
type validation struct {
	words    *Vocabulary
	scenario Scenario
	found    []flaw
}

func (v *validation) fail(at location, format string, args ...any) {
	v.found = append(v.found, flaw{at: at, message: fmt.Sprintf(format, args...)})
}

func (v *validation) unknown(at location, what, word string, known []string) {
	v.found = append(v.found, flaw{at: at, what: what, word: word, known: known})
}

// check calls Validate on a step, fault or expectation if it is a Validator, and records the
// error.
func (v *validation) check(at location, part any) (ok bool) {
	validator, can := part.(fakeprovider.Validator)
	if !can {
		return true
	}
	err := validator.Validate()
	if err != nil {
		v.fail(at, "%s", oneLine(err))
	}
	return err == nil
}

// oneLine joins the lines of a joined error.
func oneLine(err error) string { return strings.ReplaceAll(err.Error(), "\n", "; ") }

// flaws returns all errors in a scenario.
func (words *Vocabulary) flaws(s Scenario) []flaw {
	v := &validation{words: words, scenario: s}
	if s.Name == "" {
		v.fail(location{"scenario"}, "the scenario has no name: write `scenario: my-scenario`")
	}
	for key, text := range map[string]string{"scenario": s.Name, "title": s.Title, "issue": s.Issue} {
		if strings.ContainsFunc(text, unicode.IsControl) {
			v.fail(location{key}, "%s has a line end or another control character: %q", key, text)
		}
	}
	if s.Deadline <= 0 {
		v.fail(location{"deadline"}, "the deadline has to be above zero, not %s", s.Deadline)
	}
	v.providers()
	v.outages()
	if len(s.Calls) == 0 {
		v.fail(location{"calls"}, "there are no calls")
	}
	for i, c := range s.Calls {
		v.call(location{"calls", i}, c)
	}
	v.duration()
	v.expect()
	v.limits()
	return v.found
}

// hostLabel matches one label of a host name. The harness resolves providers by their names.
var hostLabel = regexp.MustCompile(`^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$`)

// ValidProviderName reports whether name is a valid provider name. It becomes a host name, so it
// has small letters, digits and hyphens.
func ValidProviderName(name string) bool { return hostLabel.MatchString(name) }

func (v *validation) providers() {
	if len(v.scenario.Providers) == 0 {
		v.fail(location{"providers"}, "there are no providers")
	}
	names, answers := map[string]bool{}, map[string]string{}
	for i, p := range v.scenario.Providers {
		at := location{"providers", i}
		switch {
		case p.Name == "":
			v.fail(at.in("name"), "provider %d has no name", i+1)
		case !ValidProviderName(p.Name):
			v.fail(at.in("name"),
				"the name %q has to be small letters, digits and hyphens, because it becomes a host name", p.Name)
		case names[p.Name]:
			v.fail(at.in("name"), "there are two providers called %q", p.Name)
		}
		names[p.Name] = true
		if _, ok := v.words.Protocol(p.Protocol); p.Protocol != "" && !ok {
			v.unknown(at.in("protocol"), "protocol", p.Protocol, v.words.ProtocolNames())
		}
		if len(p.OnRequest) == 0 {
			v.fail(at.in("on_request"),
				"the provider has nothing to do: write `on_request: [healthy]`, or any other fault")
		}
		for k, fault := range p.OnRequest {
			v.entry(at.in("on_request", k), p.Name, fault, answers)
		}
	}
}

func (v *validation) outages() {
	var names []string
	for _, p := range v.scenario.Providers {
		names = append(names, p.Name)
	}
	for i, o := range v.scenario.Outages {
		at := location{"outages", i}
		if o.Fault == nil {
			v.fail(at, "the outage has no fault")
			continue
		}
		if v.check(at, o.Fault) {
			v.endless(at, o.Fault.Script(), false)
		}
		v.check(at.in("between"), o.Between)
		if o.Probability < 0 || o.Probability > 1 {
			v.fail(at.in("probability"), "probability is %g, want above 0 and up to 1", o.Probability)
		}
		for k, name := range o.Providers {
			if !slices.Contains(names, name) {
				v.unknown(at.in("providers", k), "provider", name, names)
			}
		}
	}
}

// entry checks one entry of a provider. answers maps each complete answer so far to its provider.
func (v *validation) entry(at location, provider string, fault fakeprovider.Fault, answers map[string]string) {
	if fault == nil {
		v.fail(at, "there is nothing here")
		return
	}
	if !v.check(at, fault) {
		return
	}
	script := fault.Script()
	if !v.check(at, script) {
		return
	}
	if limited, ok := fault.(fakeprovider.Limited); ok {
		fault = limited.Fault
	}
	_, written := fault.(fakeprovider.Script)
	if written {
		v.unreachable(at.in("script"), script)
	}
	v.endless(at, script, written)
	text, whole := answer(script, provider)
	if !whole {
		return
	}
	if other, taken := answers[text]; taken && other != provider {
		v.fail(at, "%q answers the same as %q, so nobody could tell whose answer it is: %q", provider, other, text)
		return
	}
	answers[text] = provider
}

// longestRun bounds a run, in scenario time. Virtual time starts in the year 2000
// (testing/synctest), and timers after the year 2262 never fire.
const longestRun = 100 * 365 * 24 * time.Hour

// duration rejects a run whose deadlines and pauses together exceed longestRun.
func (v *validation) duration() {
	left := longestRun
	for i, c := range v.scenario.Calls {
		switch left -= min(c.After, longestRun); {
		case left <= 0:
			v.fail(location{"calls", i, "after"},
				"the calls before this one, and the time between them, leave no time for it: a run may take %s",
				longestRun)
			return
		case v.scenario.Deadline >= left:
			v.fail(location{"deadline"},
				"%d calls that may take %s each, and the time between them, are more than a run may take, which is %s",
				len(v.scenario.Calls), v.scenario.Deadline, longestRun)
			return
		}
		left -= v.scenario.Deadline
	}
}

func (v *validation) call(at location, c Call) {
	if c.Prompt == "" {
		v.fail(at.in("prompt"), "the prompt is empty")
	}
	v.conversation(at, c)
	switch {
	case c.Count < 0 || c.Count > MostCallers:
		v.fail(at.in("count"), "count is how many callers there are at once, 1 to %d, not %d", MostCallers, c.Count)
	case c.Count > 1 && MarkedCall(c.Prompt) > 0:
		v.fail(at.in("prompt"), "the prompt has a mark such as %q, by which the %d calls are told apart",
			mark(MarkedCall(c.Prompt)), c.Count)
	}
	switch {
	case c.HangUp < 0:
		v.fail(at.in("hang_up"), "hang_up cannot be negative: %s", c.HangUp)
	case c.HangUp > 0 && c.HangUp >= v.scenario.Deadline:
		v.fail(at.in("hang_up"), "the caller hangs up after %s, and the call is cut at its deadline of %s before that",
			c.HangUp, v.scenario.Deadline)
	}
	if c.After < 0 {
		v.fail(at.in("after"), "after cannot be negative: %s", c.After)
	}
	if c.ContextTokens < 0 {
		v.fail(at.in("context_tokens"), "context_tokens cannot be negative: %d", c.ContextTokens)
	}
	if c.ContextWindow < 0 {
		v.fail(at.in("context_window"), "context_window cannot be negative: %d", c.ContextWindow)
	}
	if c.ContextWindow > 0 && c.ContextTokens > c.ContextWindow {
		v.fail(at.in("context_tokens"), "context_tokens is %d, more than the context_window of %d", c.ContextTokens,
			c.ContextWindow)
	}
}

func (v *validation) expect() {
	if len(v.scenario.Expect) == 0 {
		v.fail(location{"expect"}, "nothing is expected, so the scenario cannot fail")
	}
	for i, e := range v.scenario.Expect {
		at := location{"expect", i}
		if e.Expectation == nil {
			v.fail(at, "there is nothing here")
			continue
		}
		v.check(at, e.Expectation)
		if _, ok := e.Expectation.(assertions.HangUp); ok &&
			!slices.ContainsFunc(v.scenario.Calls, func(c Call) bool { return c.HangUp != 0 }) {
			v.fail(at, "no caller hangs up: write `hang_up: 5s` at a call")
		}
		if l, ok := e.Expectation.(assertions.Limited); ok {
			limit, given := v.scenario.Limits[l.Measure()]
			switch {
			case !given:
				v.fail(at, "%s has no limit to be held against: write `limits: {%s: 30s}`", l.Name(), l.Measure())
			case !reflect.DeepEqual(l.WithLimit(limit), e.Expectation): // only in Go literals
				v.fail(at, "%s has another limit than the %s of Limits: Scenario.WithLimits sets both", l.Name(), limit)
			}
		}
		v.mentions(at.in(e.Expectation.Name()), e.Expectation)
	}
}

// mentions checks that the providers and calls an expectation names exist.
func (v *validation) mentions(at location, e assertions.Expectation) {
	mentioning, ok := e.(assertions.Mentioning)
	if !ok {
		return
	}
	var known []string
	for _, p := range v.scenario.Providers {
		if !slices.Contains(known, p.Name) {
			known = append(known, p.Name)
		}
	}
	for _, m := range mentioning.Mentions() {
		at := at.in(m.Argument)
		if m.Argument == "" {
			at = append(at[:len(at)-1], key(m.Provider))
		}
		if m.Provider != "" && len(known) > 0 && !slices.Contains(known, m.Provider) {
			v.unknown(at, "provider", m.Provider, known)
		}
		if most := v.callers(); m.Call > most && most > 0 {
			v.fail(at, "there is no call %d: the scenario makes %d", m.Call, most)
		}
	}
}

// callers returns how many calls the run makes.
func (v *validation) callers() (n int) {
	for _, c := range v.scenario.Calls {
		n += min(c.Callers(), MostCallers)
	}
	return n
}

func (v *validation) limits() {
	used := map[string]bool{}
	for _, e := range v.scenario.Expect {
		if l, ok := e.Expectation.(assertions.Limited); ok {
			used[l.Measure()] = true
		}
	}
	for _, measure := range slices.Sorted(maps.Keys(v.scenario.Limits)) {
		limit := v.scenario.Limits[measure]
		switch {
		case !slices.Contains(v.words.Measures(), measure):
			v.unknown(location{"limits", key(measure)}, "measure", measure, v.words.Measures())
		case limit <= 0:
			v.fail(location{"limits", measure}, "a limit has to be above zero, not %s", limit)
		case !used[measure]:
			v.fail(location{"limits", key(measure)}, "nothing is held against the limit %q: add it to expect", measure)
		}
	}
}
