package timeline

import (
	"slices"
	"time"
)

// Measures are the numbers of one call, computed from the timeline alone. A measure of something that
// did not happen is nil.
type Measures struct {
	// TimeToFallback runs from the call's start to the arrival of its first request at a provider other
	// than the first of the chain.
	TimeToFallback *Seconds `json:"time_to_fallback_s"`
	// TimeToFirstContent runs from the call's start to the first text that reached the caller.
	TimeToFirstContent *Seconds `json:"time_to_first_content_s"`
	// TimeToAnswer runs from the call's start to its success.
	TimeToAnswer *Seconds `json:"time_to_answer_s"`
	// Attempts counts the requests that each provider received for this call; providers without any are 0.
	Attempts map[string]int `json:"attempts"`
	// RetryAmplification is requests sent ÷ calls made.
	RetryAmplification float64 `json:"retry_amplification"`
	// PromptTokensResent is the declared context times the requests after the first.
	PromptTokensResent int `json:"prompt_tokens_resent"`
	// WhereTimeWent splits the call's time; its parts add up to it.
	WhereTimeWent Phases `json:"where_time_went_s"`
}

// Phases are where the time of one call went.
type Phases struct {
	// Connect is from the call's start to its first request's arrival, and the time in which later attempts were on their way.
	Connect Seconds `json:"connect"`
	// Headers is from an attempt's arrival to its headers.
	Headers Seconds `json:"headers"`
	// FirstContent is from an attempt's headers to its first content, of attempts that had any.
	FirstContent Seconds `json:"first_content"`
	// Stall is the time in an attempt that no content followed, until it was given up.
	Stall Seconds `json:"stall"`
	// Backoff is time in which no attempt was under way, after the first.
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
	since := func(at time.Duration) *Seconds {
		s := Seconds(at - client.Start)
		return &s
	}
	attempts := t.CallAttempts(n)
	for _, a := range attempts {
		m.Attempts[a.Provider]++
		if m.TimeToFallback == nil && a.Provider != t.Run.Primary() {
			m.TimeToFallback = since(a.Start)
		}
	}
	if i := slices.IndexFunc(client.Deliveries, func(d Delivery) bool { return !d.Restart && d.Text != "" }); i >= 0 {
		m.TimeToFirstContent = since(client.Deliveries[i].At)
	}
	if client.Ending == CallAnswered {
		m.TimeToAnswer = since(client.End)
	}
	m.RetryAmplification = float64(len(attempts))
	if n <= len(t.Run.Calls) && len(attempts) > 1 {
		m.PromptTokensResent = t.Run.Calls[n-1].ContextTokens * (len(attempts) - 1)
	}
	m.WhereTimeWent = phases(client, attempts)
	return m
}

// CallAttempts returns the requests that call n caused, in order of arrival.
func (t Timeline) CallAttempts(n int) []Attempt {
	return slices.DeleteFunc(t.Attempts(), func(a Attempt) bool { return a.Call != n || a.N == 0 })
}

// phases walks the attempts in order of arrival. The latest attempt under way owns the time, because
// an engine that started another one has given up waiting for the earlier alone.
func phases(c Client, attempts []Attempt) Phases {
	var p Phases
	now := c.Start
	for i, a := range attempts {
		if gap := a.Start - now; gap > 0 {
			if i == 0 {
				p.Connect += Seconds(gap)
			} else {
				p.Backoff += Seconds(gap)
			}
			now = a.Start
		}
		end := c.End
		if i+1 < len(attempts) {
			end = min(end, attempts[i+1].Start)
		}
		if !a.Open && i+1 < len(attempts) {
			end = min(end, a.End)
		}
		now = p.attempt(a, now, max(now, end))
	}
	if rest := c.End - now; rest > 0 {
		p.Backoff += Seconds(rest)
	}
	return p
}

// attempt adds the time of one attempt from one instant to another, and returns the latter.
func (p *Phases) attempt(a Attempt, from, to time.Duration) time.Duration {
	spend := func(phase *Seconds, until time.Duration) {
		if until = min(until, to); until > from {
			*phase += Seconds(until - from)
			from = until
		}
	}
	arrived := a.Arrived
	if arrived < 0 {
		arrived = to
	}
	spend(&p.Connect, arrived)
	switch {
	case a.Headers < 0:
		spend(&p.Headers, to)
	case a.FirstContent < 0 && !a.Finished:
		spend(&p.Headers, a.Headers)
		spend(&p.Stall, to)
	case a.FirstContent < 0:
		spend(&p.Headers, a.Headers)
		spend(&p.Answer, to)
	case a.Finished:
		spend(&p.Headers, a.Headers)
		spend(&p.FirstContent, a.FirstContent)
		spend(&p.Answer, to)
	default:
		spend(&p.Headers, a.Headers)
		spend(&p.FirstContent, a.FirstContent)
		spend(&p.Answer, a.LastContent)
		spend(&p.Stall, to)
	}
	return to
}
