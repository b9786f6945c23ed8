package timeline

import (
	"slices"
	"strings"
	"time"
)

// A Timeline is everything that was seen during one run, and the facts that a judge needs beside
// it.
type Timeline struct {
	Run    Run
	Events []Event
	// Index is nil unless the timeline is Indexed.
	Index *Index
}

// Run describes what was run.
type Run struct {
	// Scenario, Target and Policy name the run. Policy is "" for targets without policies.
	Scenario string `json:"scenario"`
	Target   string `json:"target"`
	Policy   string `json:"policy,omitempty"`
	// Clock is "virtual", "wall" or "xK".
	Clock string `json:"clock"`
	// Seed seeded all chance in the run.
	Seed uint64 `json:"seed"`
	// Deadline is the time after their start at which calls were cut.
	Deadline Seconds `json:"deadline_s"`
	// SchedulingError is the largest delay of a provider's scripted wait. Each instant, and so
	// each measure, may be off by that much. It is 0 in virtual time.
	SchedulingError Seconds `json:"scheduling_error_s,omitempty"`
	// Outside says that the engine is another process. Its goroutines cannot be seen then, and a
	// premise that fails is more likely a wrong configuration than a wrong engine.
	Outside bool `json:"outside,omitempty"`
	// CallerUnseen says that only the providers' side was seen.
	CallerUnseen bool `json:"caller_unseen,omitempty"`
	// StartUnseen says that nobody saw when a call began. Its times count from its first request.
	StartUnseen bool `json:"start_unseen,omitempty"`
	// Contained says that what the caller got is the output of a command. The answer is somewhere
	// in it, and the exit code alone says nothing: a call that failed is one that was answered if
	// its output holds a whole answer.
	Contained bool `json:"contained,omitempty"`
	// NoRestarts says that the engine cannot tell its caller to start over, because the wire
	// between them has no word for it. Once a part of an answer has arrived, an error is the best
	// that is left.
	NoRestarts bool `json:"no_restarts,omitempty"`
	// CallLimit is the time after their start at which calls were cut before the deadline, and
	// CallLimitBy says whose limit it is. It is 0 if the deadline comes first.
	CallLimit   Seconds     `json:"call_limit_s,omitempty"`
	CallLimitBy CallLimitBy `json:"call_limit_by,omitempty"`
	// Distortion is by how much a healthy call took longer than its script says. It is 0 if none
	// was made before the run.
	Distortion Seconds `json:"distortion_s,omitempty"`
	// Evidence says how the clock of a process tree passed. It is nil for other clocks.
	Evidence *ClockEvidence `json:"clock_evidence,omitempty"`
	// Cadence is the longest pause between the heartbeats of the run, if the engine's shortest
	// timer shortened it. It is 0 if the scenario's own pauses stand.
	Cadence Seconds `json:"cadence_s,omitempty"`
	// ModelSeen is the provider whose model's name the caller should be told if the answer is that
	// provider's. It is "" if nobody asked for it.
	ModelSeen string `json:"model_seen,omitempty"`
	// Skipped is the reason why the target could not run the scenario. There are no events then. It
	// is "" for a run that was made.
	Skipped string `json:"skipped,omitempty"`
	// UnreachedOK says that the scenario proves its point even if a fault was never reached.
	UnreachedOK bool `json:"unreached_ok,omitempty"`
	// Providers is the chain. The first one is the primary.
	Providers []Provider `json:"providers"`
	// Calls are the calls made, in the order of their numbers.
	Calls []Call `json:"calls"`
}

// CallLimitBy says whose limit cut a call before the scenario's deadline.
type CallLimitBy string

const (
	// LimitByTarget is the target's own.
	LimitByTarget CallLimitBy = ""
	// LimitByOption was asked for on the command line.
	LimitByOption CallLimitBy = "option"
	// LimitOfCell is what a campaign gives each call of an engine in another process that sets
	// none.
	LimitOfCell CallLimitBy = "cell"
)

// Provider is one provider of the chain.
type Provider struct {
	Name     string `json:"name"`
	Protocol string `json:"protocol"`
	// Model is the name of the provider's model, "" if the run does not ask what the caller is
	// told.
	Model string `json:"model,omitempty"`
	// Unreached names the provider's faults that no request met.
	Unreached []string `json:"unreached,omitempty"`
	// Met lists the provider's faults that requests met, in the order in which they did.
	Met []MetFault `json:"met,omitempty"`
}

// A MetFault is a fault that requests met.
type MetFault struct {
	Fault string `json:"fault"`
	// Right tells in one line what an engine has to do about it.
	Right string `json:"right"`
	// Requests lists the requests that met it, by their numbers among the provider's: the first 100
	// of them.
	Requests []int `json:"requests"`
}

// MetBy returns the faults that a request met, in the order of [Provider.Met]. It returns none if
// nobody said so.
func (r Run) MetBy(a Attempt) (all []MetFault) {
	provider, _ := r.Provider(a.Provider)
	for _, met := range provider.Met {
		if slices.Contains(met.Requests, a.N) {
			all = append(all, met)
		}
	}
	return all
}

// Call is one request of the caller to the engine.
type Call struct {
	Prompt        string `json:"prompt"`
	ContextTokens int    `json:"context_tokens,omitempty"`
	ContextWindow int    `json:"context_window,omitempty"`
	Stream        bool   `json:"stream"`
	// NoRestarts says that this call's caller cannot be told to start over; see Run.NoRestarts.
	NoRestarts bool `json:"no_restarts,omitempty"`
	// AtOnce is how many calls were made at once, this one among them. It is 0 for one that was
	// made alone.
	AtOnce int `json:"at_once,omitempty"`
	// HangUp is when the caller gives up, counted from the call's start. It is 0 if it never does.
	HangUp Seconds `json:"hang_up_s,omitempty"`
}

// Provider returns the provider of that name, and false if there is none.
func (r Run) Provider(name string) (Provider, bool) {
	i := slices.IndexFunc(r.Providers, func(p Provider) bool { return p.Name == name })
	if i < 0 {
		return Provider{}, false
	}
	return r.Providers[i], true
}

// Primary returns the name of the first provider of the chain, or "".
func (r Run) Primary() string {
	if len(r.Providers) == 0 {
		return ""
	}
	return r.Providers[0].Name
}

// Lanes returns the events of each lane, in order.
func (t Timeline) Lanes() map[string][]Event {
	lanes := map[string][]Event{}
	for _, e := range t.Events {
		lanes[e.Lane] = append(lanes[e.Lane], e)
	}
	for _, lane := range lanes {
		slices.SortStableFunc(lane, func(a, b Event) int { return a.Seq - b.Seq })
	}
	return lanes
}

// Find returns the index of the first event of one of the kinds in a lane whose name begins with
// prefix, or -1.
func (t Timeline) Find(prefix string, kinds ...Kind) int {
	return slices.IndexFunc(t.Events, func(e Event) bool {
		return strings.HasPrefix(e.Lane, prefix) && slices.Contains(kinds, e.Kind)
	})
}

// Client is what the caller of one call saw.
type Client struct {
	Call  int
	Start time.Duration
	// End is when the call was over: answered, failed, cut, hung up, panicked or blocked. If none
	// of these was seen, it is the time of the last event.
	End time.Duration
	// Ending is the kind that ended it, 0 if none was seen, and EndText its text.
	Ending  Kind
	EndText string
	// Returned is when the engine returned from a call whose caller had hung up, -1 if that was not
	// seen.
	Returned time.Duration
	// Deliveries are the pieces of text and the restart markers in order. Restarts counts the
	// markers.
	Deliveries []Delivery
	Restarts   int
	// Thinking are the pieces of reasoning, in order.
	Thinking []Delivery
	// Calls are the tool calls as the caller holds them in the end: names and arguments, one
	// after the other, by their numbers.
	Calls string
	// Model, Usage and Finish are what the caller was told about the answer: the model's name, the
	// tokens and the finish reason. They are "" if it was told nothing. Of several the last counts.
	Model, Usage, Finish string
	// Started and Ended are indices into Timeline.Events, -1 if not seen.
	Started, Ended int

	calls toolCalls
}

// Delivery is one piece of text that reached the caller, or a restart marker.
type Delivery struct {
	At      time.Duration
	Text    string
	Restart bool
	Event   int
}

// Text returns the answer as the caller holds it in the end: the text after the last restart
// marker.
func (c Client) Text() string {
	var b strings.Builder
	for _, d := range c.Deliveries {
		if d.Restart {
			b.Reset()
			continue
		}
		b.WriteString(d.Text)
	}
	return b.String()
}

// Client returns what the caller of call n saw, from 1. ok is false if the call never started.
func (t Timeline) Client(n int) (c Client, ok bool) {
	c = Client{Call: n, Started: -1, Ended: -1, Returned: -1}
	for _, i := range t.client(n) {
		e := t.Events[i]
		if c.Ended >= 0 && e.Kind == CallReturned {
			c.Returned = e.At
		}
		if c.Ended >= 0 { // what comes after the end reaches nobody
			continue
		}
		c.End = e.At
		switch e.Kind { //nolint:exhaustive // the kinds of other lanes do not occur here
		case CallStarted:
			c.Start, c.Started = e.At, i
		case TextReceived:
			c.Deliveries = append(c.Deliveries, Delivery{At: e.At, Text: e.Text, Event: i})
		case ThinkingReceived:
			c.Thinking = append(c.Thinking, Delivery{At: e.At, Text: e.Text, Event: i})
		case ToolCallReceived:
			c.calls.add(e)
		case ModelReceived:
			c.Model = e.Text
		case UsageReceived:
			c.Usage = e.Text
		case FinishReceived:
			c.Finish = e.Text
		case RestartReceived:
			c.Restarts++
			c.calls = nil
			c.Deliveries = append(c.Deliveries, Delivery{At: e.At, Restart: true, Event: i})
		case CallAnswered, CallFailed, CallCut, CallHungUp, CallPanicked, CallBlocked:
			c.Ended, c.Ending, c.EndText = i, e.Kind, e.Text
		}
	}
	c.Calls = c.calls.String()
	if t.Run.Contained && c.Ending == CallFailed && wholeIn(squeezed(c.Text()), t.CallAttempts(n)) != "" {
		c.Ending = CallAnswered
	}
	return c, c.Started >= 0
}

// Attempt is one request that a provider received, or one that a fault kept from arriving: a
// refused connection is an attempt too.
type Attempt struct {
	Provider string
	Call     int
	// N is its number among the provider's requests, from 1.
	N int
	// Start is when it began. Arrived is when its request was received, -1 if it never was.
	Start, Arrived time.Duration
	// End is when the exchange was over on the provider's side: the response ended, the
	// connection was cut or reset, or the client disconnected. Open is true if none of these was
	// seen.
	End  time.Duration
	Open bool
	// Ending is the kind that ended it, 0 while open.
	Ending Kind
	// Headers is when the headers were sent. FirstContent and LastContent are when text,
	// thinking, a tool call or a refusal was sent. All are -1 if never.
	Headers, FirstContent, LastContent time.Duration
	// Text is all the text that was sent, Refusal the model's refusal after it, and Calls all the
	// tool calls: names and arguments, one after the other, by their numbers. Finished reports
	// that the provider declared the answer complete; what it sent after that is not part of it.
	Text, Refusal, Calls string
	Finished             bool
	// Thinking is all the reasoning that was sent.
	Thinking string
	// Asked is what the request asked for, nil if nobody compared.
	Asked *Asked
	// Received and Ended are indices into Timeline.Events. Ended is -1 while open.
	Received, Ended int

	// pieces are the text and, behind it, the refusal.
	pieces, refusal pieces
	calls           toolCalls
}

// Answered reports whether the provider gave a whole answer with something in it.
func (a Attempt) Answered() bool {
	return a.Finished && (a.Text != "" || a.Calls != "" || a.Refusal != "")
}

// attempts returns every request that providers received, in order of arrival.
func attempts(events []Event) []Attempt {
	var attempts []Attempt
	index := map[string]int{}
	for i, e := range events {
		if !strings.HasPrefix(e.Lane, "provider/") {
			continue
		}
		n, known := index[e.Lane]
		if !known {
			provider, call, attempt, ok := parseLane(e.Lane)
			if !ok {
				continue
			}
			n = len(attempts)
			index[e.Lane] = n
			attempts = append(attempts, Attempt{
				Provider: provider, Call: call, N: attempt, Start: e.At, End: e.At, Open: true,
				Arrived: -1, Headers: -1, FirstContent: -1, LastContent: -1, Received: i, Ended: -1,
			})
		}
		attempts[n].observe(i, e)
	}
	for i := range attempts {
		attempts[i].gather()
	}
	return attempts
}

// gather sets Text, Refusal and Calls.
func (a *Attempt) gather() {
	a.Text, a.Refusal, a.Calls = string(a.pieces.text), string(a.refusal.text), a.calls.String()
	from := 0
	for i, end := range a.refusal.ends {
		a.pieces.add(a.Refusal[from:end], a.refusal.at[i])
		from = end
	}
}

func (a *Attempt) observe(i int, e Event) {
	switch e.Kind { //nolint:exhaustive // the other kinds do not change an attempt's shape
	case RequestReceived:
		if a.Arrived < 0 {
			a.Arrived, a.Asked = e.At, e.Asked
		}
	case HeadersSent:
		if a.Headers < 0 {
			a.Headers = e.At
		}
	case TextSent, ThinkingSent, ToolCallSent, RefusalSent:
		if a.FirstContent < 0 {
			a.FirstContent = e.At
		}
		a.LastContent = e.At
		switch { // reasoning is not part of the answer
		case e.Kind == ThinkingSent:
			a.Thinking += e.Text
		case a.Finished:
		case e.Kind == TextSent:
			a.pieces.add(e.Text, e.At)
		case e.Kind == RefusalSent:
			a.refusal.add(e.Text, e.At)
		case e.Kind == ToolCallSent:
			a.calls.add(e)
		}
	case FinishSent:
		a.Finished = true
	case ResponseEnded, ConnectionCut, ConnectionReset, ConnectFailed, ClientDisconnected:
		if a.Open {
			a.End, a.Open, a.Ending, a.Ended = e.At, false, e.Kind, i
		}
	}
	if a.Open {
		a.End = e.Until
	}
}
