package failover_test

import (
	"errors"
	"fmt"
	"slices"
	"testing"

	"github.com/chaosrun/chaosrun/failover"
)

// kindsFail says what the only attempt of a call that asks for tools comes to, by kind of fault,
// streamed and not; "" is an answer.
var kindsFail = map[string][2]failover.FailureKind{
	"healthy":           {},
	"slow":              {},
	"stays":             {},
	"length":            {},
	"no terminal event": {failover.FailureTruncated, ""},
	"late text":         {},
	"event twice":       {failover.FailureStreamParseError, ""},
	"mute":              {failover.FailureAPIConnectionError, failover.FailureCallTimeout},
	"refused":           {failover.FailureAPIConnectionError, failover.FailureAPIConnectionError},
	"early reset":       {failover.FailureAPIConnectionError, failover.FailureAPIConnectionError},
	"status":            {failover.FailureHTTPStatus, failover.FailureHTTPStatus},
	"stall":             {failover.FailureReadError, failover.FailureCallTimeout},
	"heartbeats":        {failover.FailureReadError, failover.FailureCallTimeout},
	"data heartbeats":   {failover.FailureReadError, failover.FailureCallTimeout},
	"trickle":           {failover.FailureAbandoned, failover.FailureCallTimeout},
	"reset":             {failover.FailureReadError, failover.FailureReadError},
	"cut":               {failover.FailureRemoteProtocolError, failover.FailureRemoteProtocolError},
	"eof":               {failover.FailureTruncated, failover.FailureRemoteProtocolError},
	"empty":             {failover.FailureEmpty, failover.FailureEmpty},
	"malformed":         {failover.FailureStreamParseError, failover.FailureStreamParseError},
	"error event":       {failover.FailureStreamError, failover.FailureStreamError},
	"filtered":          {failover.FailureFiltered, failover.FailureFiltered},
	"refusal":           {failover.FailureFiltered, failover.FailureFiltered},
	"half call":         {failover.FailureInvalidToolCall, failover.FailureInvalidToolCall},
	"unknown tool":      {failover.FailureInvalidToolCall, failover.FailureInvalidToolCall},
}

// kindsFailOver are the protocols, and kinds, over which that is different.
var kindsFailOver = map[[2]string][2]failover.FailureKind{
	{failover.OpenAIChat, "no terminal event"}: {},
	{failover.Gemini, "eof"}:                   {failover.FailureTruncated, failover.FailureStreamParseError},
}

// Each kind of fault is what it is called, over every protocol that it is drawn for, streamed and
// not: a schedule of faults that all came to the same would prove little.
func TestFaultKinds(t *testing.T) {
	t.Parallel()
	for _, protocol := range failover.Protocols() {
		for kind := range kindsFail {
			if !slices.Contains(kindsOver(protocol), kind) {
				continue
			}
			comesTo, ok := kindsFailOver[[2]string{familyOf(protocol), kind}]
			if !ok {
				comesTo = kindsFail[kind]
			}
			for i, whole := range []bool{false, true} {
				for variant := range 3 {
					s := schedule{
						Providers: []plan{{
							Protocol: protocol,
							Requests: []fault{{Kind: kind, Pieces: 2, Form: form{5, 1}, Variant: variant, Status: 500}},
						}},
					}
					t.Run(fmt.Sprintf("%s/%s/%v/%d", protocol, kind, whole, variant), func(t *testing.T) {
						if got := s.comesTo(t, whole); got != comesTo[i] {
							t.Errorf("got %q, want %q", got, comesTo[i])
						}
					})
				}
			}
		}
	}
}

// comesTo plays the first request of a schedule, and returns how it failed.
func (s schedule) comesTo(t *testing.T, whole bool) (kind failover.FailureKind) {
	t.Helper()
	p := policy(t, "recommended")
	p.Retry = failover.RetryPolicy{Attempts: 1}
	asks := turn{Whole: whole, Tools: true, Restarts: true}
	within(t, p, s.chain(new(tally)), func(l *lab) {
		r := l.one(asks, "call 1")
		if failed, ok := errors.AsType[*failover.CallError](r.err); ok {
			kind = failed.Attempts[0].Kind
		} else if v := judge(s, asks, r); v != "" {
			t.Errorf("%s: %+v", v, r)
		}
	})
	return kind
}

// What is taken out of the generator is drawn nowhere, and what is in it is spelt as in the table.
func TestBeyond(t *testing.T) {
	t.Parallel()
	for kind := range beyond {
		if !slices.Contains(faultKinds, kind) {
			t.Errorf("no such kind: %s", kind)
		}
	}
	for _, kind := range faultKinds {
		if _, known := kindsFail[kind]; !known {
			t.Errorf("nothing is said of %s", kind)
		}
	}
}
