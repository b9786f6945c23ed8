package serve

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/http"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/chaosrun/chaosrun/fakeprovider"
	"github.com/chaosrun/chaosrun/scenarios"
	"github.com/chaosrun/chaosrun/timeline"
)

// The bounds of what a Set keeps, whatever it receives for however long. At worst the timeline
// needs some 25 MB and the journal some 30 MB; usual requests need a tenth of that.
const (
	// DefaultEventLimit is how many events the live timeline keeps, the newest ones: some 500
	// streams of 40 tokens.
	DefaultEventLimit = 20_000
	// DefaultJournalLimit is how many requests the journal keeps, the newest ones.
	DefaultJournalLimit = 1_000
	// maxHeader is the largest block of request headers that is read, in bytes; net/http answers
	// a larger one with 431. Its default of 1 MB would let ten thousand slow clients hold 10 GB.
	maxHeader = 64 << 10
)

// Options configure a Set.
type Options struct {
	// Name names the set in its timeline, a scenario's name for instance.
	Name string
	// Providers are the providers to serve, at least one, with distinct names.
	Providers []Provider
	// Seed seeds all chance, and FixedIDs fixes ids and dates; see fakeprovider.Options.
	Seed     uint64
	FixedIDs bool
	// Admin is the listener of the admin API, nil for none. Token is the bearer token that the
	// API requires; it must not be empty if Admin is set.
	Admin net.Listener
	Token string
	// TLS makes the providers use TLS, and offer HTTP/2 unless their faults need HTTP/1.1. The
	// admin API never uses it. Default: plain HTTP.
	TLS *tls.Config
	// Hosts are names under which clients may ask, beside addresses, names of one word, localhost
	// and names below .localhost, .test and .internal. A request for another host, or from a web
	// page of one, is refused with 403.
	Hosts []string
	// Vocabulary is what requests and the admin API may name. Default scenarios.Shipped().
	Vocabulary *scenarios.Vocabulary
	// EventLimit and JournalLimit bound what is kept. Default DefaultEventLimit and
	// DefaultJournalLimit.
	EventLimit, JournalLimit int
}

// A Provider is one provider of a Set.
type Provider struct {
	Name     string
	Protocol fakeprovider.Protocol
	// OnRequest is its behaviour at the start and after a reset. Default Healthy.
	OnRequest []fakeprovider.Fault
	// Listener accepts its connections; the Set closes it. URL is how clients reach it, for
	// people to read.
	Listener net.Listener
	URL      string
}

// A Set is a running set of providers. It is safe for concurrent use.
type Set struct {
	o       Options
	counts  *counters
	current atomic.Pointer[generation]
	// resetting orders resets among each other and against Close.
	resetting   sync.Mutex
	servers     []*http.Server
	http2Frames []bool // whether the ith provider builds HTTP/2 from frames
	http1Only   []bool // whether the ith provider speaks HTTP/1.1 only
	admin       *http.Server
	done        sync.WaitGroup
}

// A generation is everything that a reset replaces.
type generation struct {
	recorder  *timeline.Recorder
	journal   *journal
	providers []*fakeprovider.Provider
}

// ErrToken reports an admin API without a token.
var ErrToken = errors.New("serve: the admin API needs a token")

// Start serves the providers until Close. It returns ErrToken if there is an admin API without a
// token.
func Start(o Options) (*Set, error) {
	if o.Admin != nil && o.Token == "" {
		return nil, ErrToken
	}
	if o.EventLimit == 0 {
		o.EventLimit = DefaultEventLimit
	}
	if o.JournalLimit == 0 {
		o.JournalLimit = DefaultJournalLimit
	}
	if o.Vocabulary == nil {
		o.Vocabulary = scenarios.Shipped()
	}
	s := &Set{o: o, counts: newCounters()}
	s.current.Store(s.newGeneration())
	for i, p := range o.Providers {
		server := s.server(i)
		s.servers, s.http2Frames = append(s.servers, server), append(s.http2Frames, server.TLSNextProto != nil)
		s.http1Only = append(s.http1Only, slices.ContainsFunc(p.OnRequest, fakeprovider.NeedsHTTP1))
		listener := fakeprovider.Listen(p.Listener, s.tls(i),
			func() *fakeprovider.Provider { return s.current.Load().providers[i] })
		s.done.Go(func() { _ = server.Serve(listener) }) // ends with http.ErrServerClosed
	}
	if o.Admin != nil {
		s.admin = s.adminServer()
		s.done.Go(func() { _ = s.admin.Serve(o.Admin) }) // ends with http.ErrServerClosed
	}
	return s, nil
}

// tls returns the TLS configuration of the ith provider, nil for plain HTTP.
func (s *Set) tls(i int) *tls.Config {
	if s.o.TLS == nil || s.o.TLS.NextProtos != nil {
		return s.o.TLS
	}
	config := s.o.TLS.Clone()
	config.NextProtos = []string{"h2", "http/1.1"}
	if s.http1Only[i] {
		config.NextProtos = []string{"http/1.1"}
	}
	return config
}

// server returns the server of the ith provider. It outlives the generations, which take turns
// behind it.
func (s *Set) server(i int) *http.Server {
	server := s.current.Load().providers[i].Server()
	server.Handler = s.guarded(s.o.Providers[i].Name, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.current.Load().providers[i].ServeHTTP(w, r)
	}))
	server.MaxHeaderBytes = maxHeader
	return server
}

func (s *Set) newGeneration() *generation {
	g := &generation{
		recorder: timeline.NewRecorder(timeline.RecorderOptions{Limit: s.o.EventLimit, Ring: true}),
		journal:  newJournal(s.o.JournalLimit),
	}
	for _, p := range s.o.Providers {
		g.providers = append(g.providers, fakeprovider.New(fakeprovider.Options{
			Name: p.Name, Protocol: p.Protocol, Others: s.o.Vocabulary.Protocols, OnRequest: p.OnRequest,
			Recorder: g.recorder, Seed: s.o.Seed, FixedIDs: s.o.FixedIDs,
			CallOf: func(*http.Request, []byte) int { return 0 }, // nobody here knows whose call it is
			Pick:   s.pick,
			Watch:  s.watcher(p, g),
		}))
	}
	return g
}

// watcher returns a watcher that writes the journal and counts.
func (s *Set) watcher(p Provider, g *generation) fakeprovider.Watcher {
	return func(v fakeprovider.Visit) func(timeline.Kind) {
		fault := faultOf(v)
		entry := g.journal.open(newEntry(p, v, fault, g.recorder.Elapsed()))
		s.counts.begin(p.Name, fault)
		return func(ending timeline.Kind) {
			g.journal.close(entry, ending, g.recorder.Elapsed())
			s.counts.end(p.Name, ending)
		}
	}
}

// Timeline returns what was seen since the start or the last reset, as far back as the ring
// reaches.
func (s *Set) Timeline() timeline.Timeline {
	run := timeline.Run{Scenario: s.o.Name, Target: "serve", Clock: "wall", Seed: s.o.Seed, Calls: []timeline.Call{}}
	for _, p := range s.o.Providers {
		run.Providers = append(run.Providers, timeline.Provider{Name: p.Name, Protocol: p.Protocol.Name()})
	}
	return timeline.Timeline{Run: run, Events: s.current.Load().recorder.Events()}
}

// Journal returns the requests received since the start or the last reset, the oldest first, as
// far back as the ring reaches. It also returns the number of dropped ones.
func (s *Set) Journal() (entries []Entry, dropped int) { return s.current.Load().journal.all() }

// Open returns how many exchanges are under way.
func (s *Set) Open() int { return s.counts.underWay() }

// OnRequest replaces a provider's entries from the next request on. It returns false if there is
// no such provider.
func (s *Set) OnRequest(provider string, entries []fakeprovider.Fault) bool {
	s.resetting.Lock()
	defer s.resetting.Unlock()
	for i, p := range s.o.Providers {
		if p.Name == provider {
			s.current.Load().providers[i].OnRequest(entries...)
			return true
		}
	}
	return false
}

// Reset restores the state of the start: scripts, attempts, timeline and journal. It cuts every
// exchange under way, and returns when all have ended. The counters keep counting.
func (s *Set) Reset() {
	s.resetting.Lock()
	defer s.resetting.Unlock()
	s.current.Swap(s.newGeneration()).close()
}

func (g *generation) close() {
	var wg sync.WaitGroup
	for _, p := range g.providers {
		wg.Go(p.Close)
	}
	wg.Wait()
}

// Drain stops accepting connections and waits until no exchange is under way, or until ctx ends,
// whose error it then returns. Close the Set after it.
func (s *Set) Drain(ctx context.Context) error {
	errs := make([]error, len(s.servers))
	var wg sync.WaitGroup
	for i, server := range s.servers {
		wg.Go(func() { errs[i] = server.Shutdown(ctx) })
	}
	wg.Wait()
	if err := errors.Join(errs...); err != nil {
		return fmt.Errorf("serve: %d under way: %w", s.Open(), err)
	}
	return nil
}

// Close cuts every exchange, closes everything and waits for it. Further calls do nothing.
func (s *Set) Close() {
	s.resetting.Lock()
	defer s.resetting.Unlock()
	s.current.Load().close()
	for _, server := range s.servers {
		_ = server.Close()
	}
	if s.admin != nil {
		// A pending reset or a timeline that is being read gets a moment to finish.
		ctx, cancel := context.WithTimeout(context.Background(), time.Second)
		defer cancel()
		if s.admin.Shutdown(ctx) != nil {
			_ = s.admin.Close()
		}
	}
	s.done.Wait()
}
