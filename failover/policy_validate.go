package failover

import (
	"errors"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"
)

// ErrPolicy reports that a policy contradicts itself.
var ErrPolicy = errors.New("policy contradicts itself")

// Validate returns nil, or an [ErrPolicy] that lists every contradiction.
func (p Policy) Validate() error {
	var errs []error
	for _, problem := range p.problems() {
		errs = append(errs, fmt.Errorf("%w: %s: %s", ErrPolicy, strings.Join(problem.path, "."), problem.why))
	}
	return errors.Join(errs...)
}

// A problem says what is wrong with the knob at a path of keys. If the file lacks that knob, the
// error points to the one at or.
type problem struct {
	path, or []string
	why      string
}

type problems []problem

func (ps *problems) addf(path, format string, args ...any) {
	ps.addOrf(path, path, format, args...)
}

func (ps *problems) addOrf(path, or, format string, args ...any) {
	*ps = append(*ps, problem{strings.Split(path, "."), strings.Split(or, "."), fmt.Sprintf(format, args...)})
}

func (p Policy) problems() []problem {
	var ps problems
	negatives(&ps, nil, reflect.ValueOf(p))
	p.checkRetry(&ps)
	p.checkStale(&ps)
	p.checkLimits(&ps)
	p.checkWords(&ps)
	p.checkGuards(&ps)
	p.checkWaits(&ps)
	p.checkClassify(&ps)
	p.checkState(&ps)
	return ps
}

func (p Policy) checkRetry(ps *problems) {
	checkBackoff(ps, "retry.backoff", p.Retry.Backoff)
	if p.Retry.Inner.Retries > 0 && len(p.Retry.Inner.On) == 0 {
		ps.addf("retry.inner.retries", "the inner loop needs `on`, the failures to retry")
	}
	if p.Retry.EarlyReset.Retries > 0 && p.Retry.EarlyReset.Within == 0 {
		ps.addf("retry.blip.retries", "retries of an early reset need `within`, how soon the connection must break")
	}
	if p.Stream.AfterContent == AfterContinue && p.Stream.Continuations < 1 {
		ps.addf("stream.after_content", "`continue` needs `continuations`, the requests that one answer may take")
	}
	if a := p.Stream.AfterContent; p.Stream.RepeatBrokenCalls && a != AfterAccept && a != AfterContinue {
		ps.addOrf("stream.repeat_broken_calls", "stream.after_content",
			"it has no effect under `after_content: %s`: use accept or continue", a)
	}
}

func checkBackoff(ps *problems, path string, b Backoff) {
	if b.Cap < b.Base {
		ps.addOrf(path+".cap", path+".base", "the cap of %s is below the base of %s: raise the cap", b.Cap, b.Base)
	}
	if b.Jitter > 1 {
		ps.addf(path+".jitter", "jitter is %v: want a fraction of the wait, from 0 to 1", b.Jitter)
	}
}

func (p Policy) checkStale(ps *problems) {
	w := p.Watch
	if w.KillSurfacesAs != FailureReadError && w.KillSurfacesAs != FailureRemoteProtocolError {
		ps.addf("watch.kill_surfaces_as", "want %s or %s, the errors that a kill can surface as", FailureReadError,
			FailureRemoteProtocolError)
	}
	if w.Stale > 0 && w.StalePoll > w.Stale {
		ps.addOrf("watch.stale_poll", "watch.stale",
			"a detector that looks every %s misses %s of silence: poll more often", w.StalePoll, w.Stale)
	}
	checkScaling(ps, "stale", w.Stale, w.StaleScaling)
	checkScaling(ps, "stale_call", w.StaleCall, w.StaleCallScaling)
}

func checkScaling(ps *problems, name string, threshold time.Duration, scaling []Scale) {
	if threshold == 0 && len(scaling) > 0 {
		ps.addf("watch."+name+"_scaling", "it needs `%s`, the threshold that it raises", name)
	}
	for i := 1; i < len(scaling); i++ {
		if scaling[i].Above <= scaling[i-1].Above {
			ps.addf(fmt.Sprintf("watch.%s_scaling.%d", name, i), "steps must go up: %d is not above %d",
				scaling[i].Above, scaling[i-1].Above)
		}
	}
}

// checkWords finds unknown names: the keys of maps, and protocols.
func (p Policy) checkWords(ps *problems) {
	for _, r := range slices.Sorted(maps.Keys(p.Reasons)) {
		if !slices.Contains(reasons(), r) {
			ps.addf("reasons."+string(r), "%s", unknownWord("reason", string(r), reasons()))
		}
		checkHandling(ps, "reasons."+string(r), p.Reasons[r])
	}
	protocol := func(path, name string) {
		if !slices.Contains(Protocols(), name) {
			ps.addf(path, "%s", unknownWord("protocol", name, Protocols()))
		}
	}
	for i, name := range p.Watch.KillReaches {
		protocol("watch.kill_reaches."+strconv.Itoa(i), name)
	}
	for _, name := range slices.Sorted(maps.Keys(p.Watch.Connect.ByProtocol)) {
		protocol("watch.connect.by_protocol."+name, name)
	}
	for _, name := range slices.Sorted(maps.Keys(p.Watch.Read.ByProtocol)) {
		protocol("watch.read.by_protocol."+name, name)
	}
	for _, name := range slices.Sorted(maps.Keys(p.Watch.ReadCall.ByProtocol)) {
		protocol("watch.read_call.by_protocol."+name, name)
	}
	for _, name := range slices.Sorted(maps.Keys(p.SDK.RetriesByProtocol)) {
		protocol("sdk.retries_by_protocol."+name, name)
	}
}

func checkHandling(ps *problems, path string, h Handling) {
	if h.Stop && (h.NoRetry || h.FallBackAt > 0) {
		ps.addf(path, "`stop` ends the call: remove `no_retry` and `fall_back_at`, or `stop`")
	}
	if h.NoRetry && h.FallBackAt > 1 {
		ps.addf(path+".fall_back_at", "`no_retry` allows one failure, so %d is never reached: remove one of the two",
			h.FallBackAt)
	}
	if h.HeldByKeys && h.FallBackAt == 0 {
		ps.addf(path+".held_by_keys", "it delays `fall_back_at`, which is not set")
	}
	if h.KeyRest > 0 && h.RotateAt == 0 {
		ps.addf(path+".key_rest", "it needs `rotate_at`, which lets keys rest")
	}
}

// negatives finds numbers below zero, which no knob can mean.
func negatives(ps *problems, path []string, v reflect.Value) {
	report := func(negative bool) {
		if negative {
			*ps = append(*ps, problem{
				path: slices.Clone(path), why: fmt.Sprintf("%v is negative: want 0 or more", v.Interface()),
			})
		}
	}
	switch v.Kind() { //nolint:exhaustive // the rest holds no numbers
	case reflect.Int, reflect.Int64:
		report(v.Int() < 0)
	case reflect.Float64:
		report(v.Float() < 0)
	case reflect.Struct:
		for i := range v.NumField() {
			if name := v.Type().Field(i).Tag.Get("yaml"); name != "" {
				negatives(ps, append(path, name), v.Field(i))
			}
		}
	case reflect.Slice:
		for i := range v.Len() {
			negatives(ps, append(path, strconv.Itoa(i)), v.Index(i))
		}
	case reflect.Map:
		for _, key := range slices.SortedFunc(slices.Values(v.MapKeys()), byName) {
			negatives(ps, append(path, key.String()), v.MapIndex(key))
		}
	}
}

func byName(a, b reflect.Value) int { return strings.Compare(a.String(), b.String()) }
