package assertions

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/chaosrun/chaosrun/timeline"
)

// Attempts expects how many requests each named provider received over the whole run.
type Attempts map[string]Range

// Range is an inclusive range. A nil end is open.
type Range struct {
	Min *int `yaml:"min"`
	Max *int `yaml:"max"`
}

var _ Expectation = Attempts{}

// Name returns "attempts".
func (Attempts) Name() string { return "attempts" }

// Title returns what the expectation is, in one line.
func (Attempts) Title() string {
	return "How many requests each provider received"
}

// Args returns a min and max for each provider.
func (e Attempts) Args() map[string]any {
	args := map[string]any{}
	for provider, r := range e {
		bounds := map[string]int{}
		if r.Min != nil {
			bounds["min"] = *r.Min
		}
		if r.Max != nil {
			bounds["max"] = *r.Max
		}
		args[provider] = bounds
	}
	return args
}

// Validate refuses an empty expectation, and ranges that nothing can fulfil.
func (e Attempts) Validate() error {
	if len(e) == 0 {
		return errors.New("attempts names no provider")
	}
	for _, provider := range slices.Sorted(maps.Keys(e)) {
		r := e[provider]
		switch {
		case r.Min == nil && r.Max == nil:
			return fmt.Errorf("attempts of %s: neither min nor max is given", provider)
		case r.Min != nil && *r.Min < 0, r.Max != nil && *r.Max < 0:
			return fmt.Errorf("attempts of %s: a number of requests cannot be negative", provider)
		case r.Min != nil && r.Max != nil && *r.Min > *r.Max:
			return fmt.Errorf("attempts of %s: min %d is above max %d", provider, *r.Min, *r.Max)
		}
	}
	return nil
}

// Judge counts the requests that the providers received. What an engine reports about itself does
// not count.
func (e Attempts) Judge(t timeline.Timeline) Finding {
	counts, events := map[string]int{}, []int(nil)
	for _, a := range t.Attempts() {
		if a.N == 0 || (t.Run.CallerUnseen && a.Call == 0) { // the latter proves nothing
			continue
		}
		counts[a.Provider]++
		if _, named := e[a.Provider]; named {
			events = append(events, a.Received)
		}
	}
	f := Finding{Verdict: Passed, Limit: e.Args(), Got: counts, Events: events}
	var said []string
	how := anyCutEarly(t)
	for _, provider := range slices.Sorted(maps.Keys(e)) {
		if _, known := t.Run.Provider(provider); !known {
			return Finding{
				Verdict: Unknown, Message: "the run has no provider " + provider, Limit: e.Args(), Got: counts,
			}
		}
		n, r := counts[provider], e[provider]
		switch tooFew, tooMany := r.Min != nil && n < *r.Min, r.Max != nil && n > *r.Max; {
		case tooMany, tooFew && how == "":
			f.Verdict = Failed
		case how != "" && (tooFew || r.Max != nil): // more might have come
			f.Verdict = Worst(f.Verdict, Unknown)
		}
		said = append(said, fmt.Sprintf("%s received %s, expected %s", provider, requests(n), r))
	}
	f.Message = strings.Join(said, "; ")
	if f.Verdict == Unknown {
		f.Message = how + ": " + f.Message + toSeeMore(t)
	}
	return f
}

// String describes the range.
func (r Range) String() string {
	switch {
	case r.Min != nil && r.Max != nil && *r.Min == *r.Max:
		return "exactly " + strconv.Itoa(*r.Min)
	case r.Min != nil && r.Max != nil:
		return fmt.Sprintf("%d to %d", *r.Min, *r.Max)
	case r.Min != nil:
		return "at least " + strconv.Itoa(*r.Min)
	case r.Max != nil:
		return "at most " + strconv.Itoa(*r.Max)
	}
	return "any number"
}

// requests returns a number of requests in words.
func requests(n int) string {
	if n == 1 {
		return "1 request"
	}
	return strconv.Itoa(n) + " requests"
}

// Mentions returns every provider, each of which is its own argument.
func (e Attempts) Mentions() []Mention {
	var all []Mention
	for _, provider := range slices.Sorted(maps.Keys(e)) {
		all = append(all, Mention{Provider: provider})
	}
	return all
}

// Advise names the first provider that was asked too often, or not often enough.
func (e Attempts) Advise(t timeline.Timeline, f Finding) string {
	counts, _ := f.Got.(map[string]int)
	for _, provider := range slices.Sorted(maps.Keys(e)) {
		n, r := counts[provider], e[provider]
		if r.Max != nil && n > *r.Max {
			return adviseFewer(t, provider, *r.Max)
		}
	}
	for _, provider := range slices.Sorted(maps.Keys(e)) {
		if r := e[provider]; r.Min != nil && counts[provider] < *r.Min {
			if provider == t.Run.Primary() {
				return "ask " + provider + " again once it may have recovered"
			}
			return "ask " + provider + " when the provider before it fails"
		}
	}
	return ""
}

// adviseFewer tells how a provider gets no more than some requests.
func adviseFewer(t timeline.Timeline, provider string, most int) string {
	switch {
	case most == 0:
		return "send " + provider + " no request in this case"
	case len(t.Run.Calls) > most && t.Run.Calls[0].AtOnce == 0:
		return fmt.Sprintf("remember across calls that %s is down: send it at most %s", provider, requests(most))
	}
	return fmt.Sprintf("send %s at most %s, those of every layer that retries included", provider, requests(most))
}
