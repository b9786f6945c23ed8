package harness

import (
	"cmp"
	"reflect"
	"slices"
	"sync"

	"github.com/chaosrun/chaosrun/fakeprovider"
	"github.com/chaosrun/chaosrun/timeline"
)

// reached records which faults of the providers requests have met, and which none has. A fault is
// met by a request that it applies to, or by a connection if it acts before there is a request;
// where its limits do not apply the provider answers as it should, and that does not count. The
// zero reached is ready. It is safe for concurrent use, also while the run is abandoned.
type reached struct {
	mu   sync.Mutex
	left map[string][]fakeprovider.Fault
	seen map[string][]timeline.MetFault
}

// metRequests is how many requests are listed beside a fault that they met.
const metRequests = 100

// watch returns the watcher of a provider that is served now. It forgets what the provider of that
// name was before.
func (r *reached) watch(provider string, onRequest []fakeprovider.Fault,
	outages []fakeprovider.Outage,
) fakeprovider.Watcher {
	var faults []fakeprovider.Fault
	for _, entry := range onRequest {
		if limited, ok := entry.(fakeprovider.Limited); ok {
			if limited.Probability > 0 {
				continue // chance may say that it never applies
			}
			entry = limited.Fault
		}
		faults = append(faults, entry)
	}
	for _, o := range outages {
		faults = append(faults, o.Fault)
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.left == nil {
		r.left, r.seen = map[string][]fakeprovider.Fault{}, map[string][]timeline.MetFault{}
	}
	r.left[provider] = slices.DeleteFunc(faults, plain)
	delete(r.seen, provider)
	return func(v fakeprovider.Visit) func(timeline.Kind) {
		r.met(provider, v)
		return nil
	}
}

// met takes the fault of a request off the list of its provider, as often as it stands there, and
// notes that the request met it.
func (r *reached) met(provider string, v fakeprovider.Visit) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.left[provider] = slices.DeleteFunc(r.left[provider], func(other fakeprovider.Fault) bool {
		return equal(v.Fault, other)
	})
	for _, part := range fakeprovider.Parts(v.Fault) {
		if d, ok := part.(fakeprovider.Described); ok && !plain(part) && v.Attempt > 0 {
			r.note(provider, d.Info(), v.Attempt)
		}
	}
}

// note adds a request to those that met a fault.
func (r *reached) note(provider string, fault fakeprovider.Info, request int) {
	all := r.seen[provider]
	i := slices.IndexFunc(all, func(m timeline.MetFault) bool { return m.Fault == fault.Name })
	if i < 0 {
		i, all = len(all), append(all, timeline.MetFault{Fault: fault.Name, Right: fault.Right.Advice()})
		r.seen[provider] = all
	}
	at, _ := slices.BinarySearch(all[i].Requests, request) // they come in any order
	all[i].Requests = slices.Insert(all[i].Requests, at, request)
	all[i].Requests = all[i].Requests[:min(len(all[i].Requests), metRequests)]
}

// equal reports whether two faults are the same. Of those that cannot be compared, because they
// hold a function for instance, it compares the types.
func equal(a, b fakeprovider.Fault) bool {
	if itself := b; reflect.DeepEqual(b, itself) { // what holds a function is not even equal to itself
		return reflect.DeepEqual(a, b)
	}
	return reflect.TypeOf(a) == reflect.TypeOf(b)
}

// describe lists the faults that were met beside their providers, and names those that are left,
// each name once.
func (r *reached) describe(providers []timeline.Provider) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for i := range providers {
		providers[i].Met = slices.Clone(r.seen[providers[i].Name])
		slices.SortStableFunc(providers[i].Met, func(a, b timeline.MetFault) int {
			return a.Requests[0] - b.Requests[0]
		})
		for _, fault := range r.left[providers[i].Name] {
			name := cmp.Or(fakeprovider.NameOf(fault), reflect.TypeOf(fault).String())
			if !slices.Contains(providers[i].Unreached, name) {
				providers[i].Unreached = append(providers[i].Unreached, name)
			}
		}
	}
}

// plain reports whether a fault is none: Healthy, or a script that only answers, in its own time.
// A script that breaks off, fails, goes on for ever or sends a frame of its own is a fault.
func plain(fault fakeprovider.Fault) bool {
	script, ok := fault.(fakeprovider.Script)
	if !ok {
		return fakeprovider.NameOf(fault) == fakeprovider.Healthy{}.Info().Name
	}
	return answers(script) && slices.ContainsFunc(script, func(step fakeprovider.Step) bool {
		_, ok := step.(fakeprovider.Finish)
		return ok
	})
}

// answers reports whether every step of a script belongs to an answer that is all right.
func answers(script fakeprovider.Script) bool {
	for _, step := range script {
		switch step := step.(type) {
		case fakeprovider.Wait, fakeprovider.Text, fakeprovider.Think, fakeprovider.Refuse, fakeprovider.CallTool,
			fakeprovider.Heartbeat, fakeprovider.Comment, fakeprovider.Finish:
		case fakeprovider.Respond:
			if step.Status >= 300 { //nolint:mnd // what is no success
				return false
			}
		case fakeprovider.Repeat:
			if step.Times == 0 || !answers(step.Steps) {
				return false
			}
		case fakeprovider.End:
			if step.How != fakeprovider.EOF {
				return false
			}
		default:
			return false
		}
	}
	return true
}
