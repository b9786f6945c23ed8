package serve

import (
	"cmp"
	"maps"
	"slices"
	"strconv"
	"sync"
	"time"

	"github.com/chaosrun/chaosrun/fakeprovider"
	"github.com/chaosrun/chaosrun/timeline"
)

// JournalSchema names the JSON form of the journal.
const JournalSchema = "chaosrun.journal/v1"

// An Entry is one request in the journal. It holds fingerprints instead of secrets, and clips
// long texts.
type Entry struct {
	// Seq counts the requests of all providers since the start or the last reset, from 1.
	Seq int `json:"seq"`
	// At is when the request had been read in full. EndedAt is when the exchange ended, null
	// while it is under way.
	At      timeline.Seconds  `json:"at_s"`
	EndedAt *timeline.Seconds `json:"ended_at_s"`
	// Lane names the request's lane in the timeline. Attempt is 0 if the request was refused.
	Lane     string `json:"lane"`
	Provider string `json:"provider"`
	Attempt  int    `json:"attempt"`
	// What the client sent; empty if a fault acted before a request arrived.
	Method    string              `json:"method"`
	Path      string              `json:"path"`
	Query     string              `json:"query,omitempty"`
	Headers   map[string][]string `json:"headers"`
	Model     string              `json:"model"`
	Prompt    string              `json:"prompt"`
	Stream    bool                `json:"stream"`
	BodyBytes int                 `json:"body_bytes"`
	// Fault is the fault that the request got. Refusal is the reason why the vendor would not
	// accept it.
	Fault   string `json:"fault"`
	Refusal string `json:"refusal,omitempty"`
	// Ending is the kind of the event that ended the exchange, empty while it is under way.
	Ending string `json:"ending"`
}

func newEntry(p Provider, v fakeprovider.Visit, fault string, at time.Duration) *Entry {
	e := &Entry{
		At: timeline.Seconds(at), Lane: timeline.ProviderLane(p.Name, v.Call, v.Attempt), Provider: p.Name,
		Attempt: v.Attempt,
		Method:  clipped(v.Request.Method, maxValue), Path: clipped(v.Request.Path, maxText),
		Headers: map[string][]string{},
		Model:   clipped(v.Request.Model, maxText), Prompt: clipped(v.Request.Prompt, maxText),
		Stream: v.Request.Stream, BodyBytes: v.BodyBytes, Fault: fault,
	}
	if v.HTTP != nil {
		e.Query, e.Headers = queryOf(v.HTTP.URL.RawQuery), headersOf(v.HTTP.Header)
	}
	if v.Refusal != nil {
		e.Refusal = clipped(strconv.Itoa(v.Refusal.Status)+" "+cmp.Or(v.Refusal.Code, v.Refusal.Message), maxText)
	}
	return e
}

// journal keeps the newest requests. It is safe for concurrent use.
type journal struct {
	limit int

	mu      sync.Mutex
	seq     int
	entries []*Entry // in order up to the limit, then a ring
}

func newJournal(limit int) *journal { return &journal{limit: limit} }

// open adds a request.
func (j *journal) open(e *Entry) *Entry {
	j.mu.Lock()
	defer j.mu.Unlock()
	if len(j.entries) < j.limit {
		j.entries = append(j.entries, e)
	} else {
		j.entries[j.seq%j.limit] = e
	}
	j.seq++
	e.Seq = j.seq
	return e
}

// close records the end of a request, which may have been dropped since.
func (j *journal) close(e *Entry, ending timeline.Kind, at time.Duration) {
	j.mu.Lock()
	defer j.mu.Unlock()
	ended := timeline.Seconds(at)
	e.EndedAt = &ended
	if ending != 0 {
		e.Ending = ending.String()
	}
}

// all returns copies of the entries, the oldest first, and the number of dropped ones.
func (j *journal) all() (entries []Entry, dropped int) {
	j.mu.Lock()
	defer j.mu.Unlock()
	oldest := 0
	if j.seq > len(j.entries) {
		oldest = j.seq % j.limit
	}
	for _, e := range slices.Concat(j.entries[oldest:], j.entries[:oldest]) {
		entries = append(entries, *e)
	}
	return entries, j.seq - len(j.entries)
}

func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }
