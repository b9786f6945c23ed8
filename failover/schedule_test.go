package failover_test

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/chaosrun/chaosrun/failover"
)

// tamper changes what becomes of the engine's deltas on their way to a caller.
type tamper func(next func(failover.Delta)) func(failover.Delta)

// run plays a schedule under a policy, and lets some tamper with it. It returns the violations, and
// what was beyond the bound on requests.
func (s schedule) run(t *testing.T, p failover.Policy, with ...tamper) (found []failover.Violation, beyond string) {
	t.Helper()
	var asked tally
	chain := s.chain(&asked)
	within(t, p, chain, func(l *lab) {
		number := 0
		for _, turn := range s.Turns {
			time.Sleep(turn.Pause)
			results := make([]result, max(1, turn.Calls))
			var calls sync.WaitGroup
			for i := range results {
				number++
				prompt := fmt.Sprintf("call %d", number)
				calls.Go(func() { results[i] = l.one(turn, prompt, with...) })
			}
			calls.Wait()
			for _, r := range results {
				if v := judge(s, turn, r); v != "" {
					found = append(found, v)
				}
			}
		}
		for i, of := range chain {
			most := mostRequests(p, of, i == 0, true)
			if len(chain) == 1 {
				most = max(most, mostAlone(p))
			}
			for call := range number {
				if got := asked.of(of.name, call+1); got > most {
					beyond = fmt.Sprintf("%s got %d requests of one call, at most %d are possible", of.name, got, most)
				}
			}
		}
	})
	return found, beyond
}

// one makes one call of a turn.
func (l *lab) one(turn turn, prompt string, with ...tamper) (r result) {
	ctx, cancel := context.WithTimeout(l.t.Context(), patience+time.Second)
	defer cancel()
	if after, goes := turn.leaves(); goes {
		defer time.AfterFunc(after, cancel).Stop()
	}
	hears := r.hears
	for _, tamper := range with {
		hears = tamper(hears)
	}
	began := time.Now()
	r.answer, r.err = l.engine.Call(ctx, turn.request(prompt), hears)
	r.took = time.Since(began)
	return r
}

// hears takes a delta as a caller does who puts the answer together.
func (r *result) hears(d failover.Delta) {
	switch d.Kind {
	case failover.DeltaRestart:
		r.text, r.calls = "", nil
	case failover.DeltaText, failover.DeltaThinking:
		r.text += d.Text
	case failover.DeltaToolCall:
		for len(r.calls) <= d.Tool.Index {
			r.calls = append(r.calls, failover.ToolCall{})
		}
		c := &r.calls[d.Tool.Index]
		c.ID, c.Name, c.Arguments = c.ID+d.Tool.ID, c.Name+d.Tool.Name, c.Arguments+d.Tool.Arguments
	}
}

// request is what the turn's caller wants, who says which call it is.
func (t turn) request(prompt string) failover.Request {
	req := failover.Request{
		Prompt: prompt, ContextTokens: t.Tokens, ContextWindow: 200_000, Stream: !t.Whole, Restarts: t.Restarts,
	}
	if t.Tools {
		for _, name := range toolNames {
			req.Tools = append(req.Tools, failover.Tool{Name: name})
		}
	}
	if t.History {
		req.History = []failover.Message{
			{Role: failover.RoleUser, Text: "how is it in Ulm?"},
			{Role: failover.RoleAssistant, Text: "let me see", ToolCalls: []failover.ToolCall{
				{ID: "a", Name: toolNames[0], Arguments: `{"of":"Ulm"}`}, {ID: "b|1", Name: toolNames[1]},
			}},
			{Role: failover.RoleTool, ToolCallID: "a", Text: "rain"},
			{Role: failover.RoleTool, ToolCallID: "b|1", Text: `{"now":"noon"}`},
			{Role: failover.RoleAssistant, Text: "it rains"},
		}
	}
	if t.Prefill {
		req.History = append(req.History, failover.Message{Role: failover.RoleUser, Text: prompt}, failover.Message{
			Role: failover.RoleAssistant, Text: "well, ",
		})
		req.Prompt = ""
	}
	return req
}

// Providers fail at random, under every policy: nothing leaks or blocks for ever, nobody gets more
// requests than the loops multiply to, and callers see no violation but the kinds that the policy's
// file declares; under `recommended` none.
//
// The number of schedules is rapid's: `make schedules` plays ten thousand for each policy.
func TestSchedules(t *testing.T) {
	t.Parallel()
	for _, p := range failover.Policies() {
		t.Run(p.Name, func(t *testing.T) {
			t.Parallel()
			rapid.Check(t, func(rt *rapid.T) {
				s := anySchedule.Draw(rt, "schedule")
				found, beyond := s.run(t, p)
				for _, v := range found {
					if !slices.Contains(p.Violates, v) {
						rt.Errorf("%s, which the policy does not declare", v)
					}
				}
				if beyond != "" {
					rt.Error(beyond)
				}
			})
		})
	}
}

// bites plays schedules, the same ones each time, until it has found those kinds of violation and
// as many schedules with one, or has played them all.
func bites(t *testing.T, p failover.Policy, schedules, enough int, wanted []failover.Violation,
	with ...tamper,
) (bitten int, kinds map[failover.Violation]int) {
	t.Helper()
	kinds = map[failover.Violation]int{}
	missing := func(v failover.Violation) bool { return kinds[v] == 0 }
	for seed := 0; seed < schedules && (bitten < enough || slices.ContainsFunc(wanted, missing)); seed++ {
		found, _ := anySchedule.Example(seed).run(t, p, with...)
		if len(found) > 0 {
			bitten++
		}
		for _, v := range found {
			kinds[v]++
		}
	}
	return bitten, kinds
}

// A generator that is too mild proves nothing: three schedules in ten have to make the reported
// engine violate something. And what a policy declares has to be found.
func TestSchedulesBite(t *testing.T) {
	t.Parallel()
	const schedules = 600
	for _, p := range failover.Policies() {
		t.Run(p.Name, func(t *testing.T) {
			t.Parallel()
			enough := 0
			if p.Name == "hermes-0.13" {
				enough = schedules * 3 / 10
			}
			bitten, kinds := bites(t, p, schedules, enough, p.Violates)
			if bitten < enough {
				t.Errorf("%d of %d schedules make it violate something, which is under 30 %%", bitten, schedules)
			}
			for _, v := range p.Violates {
				if kinds[v] == 0 {
					t.Errorf("declares %s, and was not found at it", v)
				}
			}
		})
	}
}

// Each wrong engine, one step away from `recommended`, is found out by the schedules that
// `recommended` passes. Without hedging the detector alone has to find the stall.
func TestSchedulesFindWrongEngines(t *testing.T) {
	t.Parallel()
	const alone = "hedge: {after: 0s, call_after: 0s}, "
	for yaml, want := range map[string]failover.Violation{
		`stream: {accept_truncated: true}`:                            failover.ViolationTruncated,
		`stream: {accept_empty: true}`:                                failover.ViolationTruncated,
		alone + `stream: {after_content: accept}`:                     failover.ViolationTruncated,
		alone + `stream: {after_content: continue, continuations: 3}`: failover.ViolationSpliced,
		`deadline: 20m`: failover.ViolationHung,
		alone + `watch: {kill_reaches: [openai-chat]}`: failover.ViolationFailed,
		alone + `watch: {progress: byte}`:              failover.ViolationFailed,
		alone + `watch: {progress: data}`:              failover.ViolationFailed,
		alone + `watch: {kill_latency: next_byte}`:     failover.ViolationFailed,
		`reasons: {overloaded: {stop: true}}`:          failover.ViolationFailed,
		`stream: {after_content: error}`:               failover.ViolationFailed,
		`stream: {fail_filtered: false}`:               failover.ViolationTruncated,
		`stream: {accept_repeats: true}`:               failover.ViolationDuplicated,
		`stream: {accept_after_end: true}`:             failover.ViolationSpliced,
		`stream: {accept_bad_calls: true}`:             failover.ViolationTruncated,
	} {
		t.Run(yaml, func(t *testing.T) {
			t.Parallel()
			p, err := failover.LoadPolicy("wrong.yaml", []byte("{policy: wrong, extends: recommended, "+yaml+"}"))
			if err != nil {
				t.Fatal(err)
			}
			if _, kinds := bites(t, p, 300, 1, []failover.Violation{want}); kinds[want] == 0 {
				t.Errorf("got %v, want some that are %s", kinds, want)
			}
		})
	}
}
