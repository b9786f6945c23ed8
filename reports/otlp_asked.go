package reports

import (
	"slices"
	"strings"

	"github.com/chaosrun/chaosrun/timeline"
)

// An asked says whom a request asked, in the words of the semantic conventions for generative AI.
type asked struct{ operation, provider, model string }

// name returns the name of the span.
func (a asked) name() string { return strings.TrimSpace(a.operation + " " + a.model) }

// attributes returns the attributes that every span of an inference has.
func (a asked) attributes() []otlpAttribute {
	return otlpTextsOf([][2]string{
		{"gen_ai.operation.name", a.operation}, {"gen_ai.provider.name", a.provider}, {"gen_ai.request.model", a.model},
	}...)
}

// askedBy returns whom the request of a lane asked.
func (t tracer) askedBy(lane swimLane) asked {
	who := asked{operation: "chat", provider: lane.Provider}
	at := slices.IndexFunc(t.run.Providers, func(p timeline.Provider) bool { return p.Name == lane.Provider })
	if at >= 0 {
		who.operation, who.provider = spoken(t.run.Providers[at].Protocol)
	}
	for _, i := range lane.Events {
		if e := t.run.Timeline[i]; e.Kind == timeline.RequestReceived {
			if words := strings.Fields(e.Text); len(words) == 3 { // method, path and model
				who.model = words[2]
			}
			break
		}
	}
	return who
}

// asked returns whom a call asked first. Of a call without requests that are known it is the first
// provider of the chain.
func (t tracer) asked(call int) asked {
	requests := slices.DeleteFunc(slices.Clone(t.lanes), func(l swimLane) bool {
		return l.Kind != laneOfRequest || l.Call != call || len(l.Events) == 0
	})
	if len(requests) > 0 {
		return t.askedBy(slices.MinFunc(requests, func(a, b swimLane) int { return a.Events[0] - b.Events[0] }))
	}
	if len(t.run.Providers) == 0 {
		return asked{operation: "chat", provider: t.run.Target}
	}
	return t.askedBy(swimLane{Provider: t.run.Providers[0].Name})
}

// spoken returns the operation and the provider's name of a protocol. One that the conventions do
// not know keeps its name, as they ask for.
func spoken(protocol string) (operation, provider string) {
	switch protocol {
	case "openai-chat", "openai-responses":
		return "chat", "openai"
	case "azure-openai":
		return "chat", "azure.ai.openai"
	case "anthropic-messages":
		return "chat", "anthropic"
	case "gemini":
		return "generate_content", "gcp.gemini"
	}
	return "chat", protocol
}

// otlpPhases returns an attribute for each phase that took time.
func otlpPhases(p timeline.Phases) (all []otlpAttribute) {
	for _, part := range []struct {
		name string
		took timeline.Seconds
	}{
		{"connect", p.Connect},
		{"headers", p.Headers},
		{"first_content", p.FirstContent},
		{"stall", p.Stall},
		{"backoff", p.Backoff},
		{"answer", p.Answer},
	} {
		if part.took > 0 {
			all = append(all, otlpSeconds("chaosrun.time."+part.name, part.took.Duration()))
		}
	}
	return all
}

// phases adds up the bars of the lane.
func (l swimLane) phases() (p timeline.Phases) {
	for _, bar := range l.Bars {
		took := bar.To - bar.From
		switch bar.Phase {
		case timeline.Connect:
			p.Connect += took
		case timeline.Headers:
			p.Headers += took
		case timeline.FirstContent:
			p.FirstContent += took
		case timeline.Stall:
			p.Stall += took
		case timeline.Backoff:
			p.Backoff += took
		case timeline.Answering:
			p.Answer += took
		}
	}
	return p
}

// extent returns when the lane begins and ends, 0 for a lane without bars and marks.
func (l swimLane) extent() (from, to timeline.Seconds) {
	switch {
	case len(l.Bars) > 0:
		from, to = l.Bars[0].From, l.Bars[len(l.Bars)-1].To
	case len(l.Marks) > 0:
		from = l.Marks[0].At
	}
	for _, mark := range l.Marks {
		if mark.Kind != markKill && mark.Kind != markCut { // a request goes on until its close
			to = max(to, mark.At)
		}
	}
	return from, to
}
