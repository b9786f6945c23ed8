package harness

import (
	"cmp"
	"fmt"
	"net"
	"slices"
	"strings"
	"time"

	"github.com/chaosrun/chaosrun/fakeprovider"
	"github.com/chaosrun/chaosrun/scenarios"
	"github.com/chaosrun/chaosrun/timeline"
)

// wireTag marks scenarios that are about a vendor's own wire.
const wireTag = "wire"

// warmUp returns the number of healthy calls before the run.
func (o *options) warmUp() int {
	if o.outside == nil {
		return 0
	}
	return o.outside.WarmUp
}

// address returns the address of the ith provider. The zero Address is a free one.
func (o *options) address(i int) Address {
	if o.outside == nil || i >= len(o.outside.Addresses) {
		return Address{}
	}
	return o.outside.Addresses[i]
}

// host returns the name of this machine that the engine is told, or "".
func (o *options) host() string {
	if o.outside == nil {
		return ""
	}
	return o.outside.Host
}

// told returns the host of a provider as the engine is told it.
func (o *options) told(host string) string {
	if own := o.host(); own != "" {
		if _, port, err := net.SplitHostPort(host); err == nil {
			return net.JoinHostPort(own, port)
		}
	}
	return host
}

// cutAfter returns the time after which a call is cut, and its reason.
func (o *options) cutAfter(s scenarios.Scenario) (limit time.Duration, why string) {
	if !o.limitsCalls(s) {
		return s.Deadline, "the scenario's deadline of " + s.Deadline.String()
	}
	whose := map[timeline.CallLimitBy]string{
		timeline.LimitByTarget: "the target's call limit", timeline.LimitByOption: "the call limit that was asked for",
		timeline.LimitOfCell: "the limit of a cell",
	}[o.callLimitBy]
	return o.callLimit, whose + " of " + o.callLimit.String()
}

// limitsCalls reports whether calls are cut before the scenario does it.
func (o *options) limitsCalls(s scenarios.Scenario) bool {
	return o.callLimit > 0 && o.callLimit < s.Deadline
}

// Unfit returns the reason why [RunScenario] would skip a scenario before it builds the engine, or
// "". It makes no run.
func Unfit(s scenarios.Scenario, opts ...Option) string {
	o := newOptions(opts)
	_, skip := o.fit(s)
	return skip
}

// fit returns the scenario as the target can run it, or the reason why it cannot.
func (o *options) fit(s scenarios.Scenario) (fitted scenarios.Scenario, skip string) {
	if s, skip = o.onProtocols(s); skip != "" {
		return s, skip
	}
	if o.outside == nil {
		return s, ""
	}
	if skip = o.cannotCall(s); skip != "" {
		return s, skip
	}
	if has, want := len(o.outside.Addresses), len(s.Providers); has > 0 && has < want {
		return s, fmt.Sprintf("it has %d providers, and the target has addresses for %d", want, has)
	}
	if o.clock.wall {
		return s, o.unreachable(s)
	}
	return s, ""
}

// cannotCall returns the reason why the calls of a scenario cannot be made of a command or by a
// test, or "": a command makes its own or takes a prompt, and one that is killed has not been hung
// up on.
func (o *options) cannotCall(s scenarios.Scenario) string {
	if !o.outside.CallerUnseen && !o.outside.Contained && !o.outside.StartUnseen {
		return ""
	}
	for _, c := range s.Calls {
		switch {
		case o.outside.StartUnseen && c.Callers() > 1:
			return fmt.Sprintf("%d calls are made at once, and a test makes one after the other", c.Callers())
		case o.outside.StartUnseen && c.HangUp > 0:
			return "the caller hangs up after a time from the call's start, which a test does not tell"
		case o.outside.StartUnseen:
		case c.System != "" || len(c.Messages)+len(c.Tools) > 0:
			return "its caller has more to say than a prompt, and a command takes a prompt alone"
		case c.Callers() > 1 && o.outside.CallerUnseen:
			return fmt.Sprintf("%d calls are made at once, and the command makes its own calls", c.Callers())
		case c.HangUp > 0:
			return "the caller hangs up, and that of a command cannot: it can only kill it"
		}
	}
	return ""
}

// unreachable returns the reason why an engine outside of the process cannot meet a fault, or "".
func (o *options) unreachable(s scenarios.Scenario) string {
	for entry := range everyFault(s) {
		if err := fakeprovider.Cannot(entry, fakeprovider.WorldServe); err != nil {
			return err.Error()
		}
		switch need := fakeprovider.Needs(entry); {
		case need == fakeprovider.NeedsHTTP2:
			return fmt.Sprintf("the fault %s needs HTTP/2, which an engine outside of the process need not speak",
				fakeprovider.NameOf(entry))
		case need == fakeprovider.NeedsTLS && !o.outside.TLS:
			return fmt.Sprintf("the fault %s needs TLS, and the target's providers speak HTTP",
				fakeprovider.NameOf(entry))
		}
	}
	return ""
}

// everyFault yields the faults of all providers and outages.
func everyFault(s scenarios.Scenario) func(yield func(fakeprovider.Fault) bool) {
	return func(yield func(fakeprovider.Fault) bool) {
		for _, p := range s.Providers {
			for _, entry := range p.OnRequest {
				if !yield(entry) {
					return
				}
			}
		}
		for _, o := range s.Outages {
			if !yield(o.Fault) {
				return
			}
		}
	}
}

// onProtocols puts the providers on the protocols that the target speaks. A scenario about a
// vendor's wire is not about that of a healthy provider, which may be moved.
func (o *options) onProtocols(s scenarios.Scenario) (moved scenarios.Scenario, skip string) {
	if len(o.protocols) == 0 {
		return s, ""
	}
	s.Providers = slices.Clone(s.Providers)
	for i := range s.Providers {
		p := &s.Providers[i]
		if p.Protocol != "" && slices.Contains(o.protocols, p.Protocol) {
			continue
		}
		if p.Protocol != "" && slices.Contains(s.Tags, wireTag) && !healthy(*p) {
			return s, fmt.Sprintf("it is about a vendor's wire, %s, and the target speaks only %s", p.Protocol,
				strings.Join(o.protocols, ", "))
		}
		p.Protocol = o.protocols[0]
		if skip := o.cannotSay(s, *p); skip != "" {
			return s, skip
		}
	}
	return s, ""
}

// healthy reports whether a provider answers every request as it should.
func healthy(p scenarios.Provider) bool {
	return !slices.ContainsFunc(p.OnRequest, func(f fakeprovider.Fault) bool {
		return fakeprovider.NameOf(f) != fakeprovider.Healthy{}.Info().Name
	})
}

// cannotSay returns the reason why a provider cannot play its part in its protocol, or "". A
// protocol that nobody knows is an error of the run.
func (o *options) cannotSay(s scenarios.Scenario, p scenarios.Provider) string {
	wire, ok := o.words.Protocol(protocolOf(p))
	if !ok {
		return ""
	}
	entries := slices.Clone(p.OnRequest)
	for _, outage := range s.Outages {
		if len(outage.Providers) == 0 || slices.Contains(outage.Providers, p.Name) {
			entries = append(entries, outage.Fault)
		}
	}
	for _, entry := range entries {
		for _, c := range s.Calls {
			asked := fakeprovider.Request{Model: p.Name + "-model", Stream: c.Stream, IncludeUsage: true}
			if err := fakeprovider.CannotSay(entry, wire, asked); err != nil {
				return err.Error()
			}
		}
		for _, part := range fakeprovider.Parts(entry) {
			if kind := unsaid(part.Script(), wire.About()); kind != 0 {
				return fmt.Sprintf("%s says %s, which cannot be said in %s", p.Name, kind, wire.Name())
			}
			if wire.About().FinishIsMark && finishesAlone(part.Script()) {
				return fmt.Sprintf("%s finishes its answer without a terminal mark, and in %s the mark is the finish",
					p.Name, wire.Name())
			}
		}
	}
	return ""
}

// finishesAlone reports whether a script sends a finish frame and no terminal mark right behind it.
func finishesAlone(script fakeprovider.Script) bool {
	for i, step := range script {
		frame, ok := step.(fakeprovider.SendFrame)
		if !ok || frame.Kind != fakeprovider.FrameFinish.String() {
			continue
		}
		next, _ := slices.Concat(script[i+1:], fakeprovider.Script{nil})[0].(fakeprovider.SendFrame)
		if next.Kind != fakeprovider.FrameDone.String() {
			return true
		}
	}
	return false
}

// unsaid returns the first kind of frame in a script that the protocol cannot say, or 0.
func unsaid(script fakeprovider.Script, about fakeprovider.About) fakeprovider.FrameKind {
	for _, step := range script {
		var kind fakeprovider.FrameKind
		switch step := step.(type) {
		case fakeprovider.Think:
			kind = fakeprovider.FrameThinking
		case fakeprovider.Refuse:
			kind = fakeprovider.FrameRefusal
		case fakeprovider.CallTool:
			kind = fakeprovider.FrameToolCall
		case fakeprovider.Repeat:
			kind = cmp.Or(unsaid(step.Steps, about), kind)
		case fakeprovider.Script:
			kind = cmp.Or(unsaid(step, about), kind)
		}
		if kind != 0 && about.Cannot(kind) {
			return kind
		}
	}
	return 0
}
