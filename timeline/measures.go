package timeline

import (
	"slices"
	"time"
)

// Measures are the numbers of one call, computed from the timeline alone. A measure is nil if what
// it measures did not happen. The call's start is the arrival of its first request if the caller
// was not seen (Run.CallerUnseen) or did not say when it called (Run.StartUnseen), or if a process
// had to start for it (Run.Contained); see Timeline.Origin.
type Measures struct {
	// TimeToFallback runs from the call's start to the arrival of its first request at a provider
	// other than the first of the chain.
	TimeToFallback *Seconds `json:"time_to_fallback_s"`
	// TimeToFirstContent runs from the call's start to the first text that reached the caller.
	TimeToFirstContent *Seconds `json:"time_to_first_content_s"`
	// TimeToAnswer runs from the call's start to its success.
	TimeToAnswer *Seconds `json:"time_to_answer_s"`
	// Attempts counts the requests that each provider received for this call, 0 for providers
	// without any.
	Attempts map[string]int `json:"attempts"`
	// RetryAmplification is the number of requests sent for this call.
	RetryAmplification float64 `json:"retry_amplification"`
	// PromptTokensResent is the declared context in tokens times the requests after the first.
	PromptTokensResent int `json:"prompt_tokens_resent"`
	// WhereTimeWent splits the call's time. Its parts add up to it.
	WhereTimeWent Phases `json:"where_time_went_s"`
}

// Phases split the time of one call.
type Phases struct {
	// Connect is the time from the call's start to the arrival of its first request, and the time
	// in which later attempts connected.
	Connect Seconds `json:"connect"`
	// Headers is the time from an attempt's arrival to its headers.
	Headers Seconds `json:"headers"`
	// FirstContent is the time from an attempt's headers to its first content, if it had any.
	FirstContent Seconds `json:"first_content"`
	// Stall is the time in an attempt after its last content, until the engine gave it up.
	Stall Seconds `json:"stall"`
	// Backoff is the time after the first attempt in which none was under way.
	Backoff Seconds `json:"backoff"`
	// Answer is the time in which content flowed, to the end of the call.
	Answer Seconds `json:"answer"`
}

// Measures computes the numbers of call n, from 1.
func (t Timeline) Measures(n int) Measures {
	m := Measures{Attempts: map[string]int{}}
	for _, p := range t.Run.Providers {
		m.Attempts[p.Name] = 0
	}
	client, ok := t.Client(n)
	if !ok {
		return m
	}
	origin := t.Origin(n)
	since := func(at time.Duration) *Seconds {
		s := Seconds(at - origin)
		return &s
	}
	attempts := t.CallAttempts(n)
	for _, a := range attempts {
		m.Attempts[a.Provider]++
		if m.TimeToFallback == nil && a.Provider != t.Run.Primary() {
			m.TimeToFallback = since(a.Start)
		}
	}
	first := slices.IndexFunc(client.Deliveries, func(d Delivery) bool { return !d.Restart && d.Text != "" })
	if t.Run.Contained {
		first = firstShown(client.Deliveries, attempts)
	}
	if i := first; i >= 0 {
		m.TimeToFirstContent = since(client.Deliveries[i].At)
	}
	if client.Ending == CallAnswered && !t.Run.CallerUnseen {
		m.TimeToAnswer = since(client.End)
	}
	m.RetryAmplification = float64(len(attempts))
	if n <= len(t.Run.Calls) && len(attempts) > 1 {
		m.PromptTokensResent = t.Run.Calls[n-1].ContextTokens * (len(attempts) - 1)
	}
	m.WhereTimeWent = phases(spans(origin, client, attempts))
	return m
}

// Origin returns the instant from which the measures of call n count: its start, or the arrival of
// its first request if the start was not seen or the call began with the start of a program, whose
// imports are no delay of a fallback. It is 0 for a call that never started.
func (t Timeline) Origin(n int) time.Duration {
	client, _ := t.Client(n)
	if attempts := t.CallAttempts(n); (t.Run.CallerUnseen || t.Run.StartUnseen || t.Run.Contained) &&
		len(attempts) > 0 {
		return attempts[0].Start
	}
	return client.Start
}
