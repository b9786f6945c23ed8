package failover_test

import (
	"context"
	"encoding/json"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/chaosrun/chaosrun/failover"
	"github.com/chaosrun/chaosrun/internal/memnet"
)

// sequence plays one script after the other, one for each request; the last repeats.
type sequence []script

// A lab is an engine between fake providers, in virtual time.
type lab struct {
	t      *testing.T
	began  time.Time
	net    *memnet.Network
	http   *http.Client
	engine *failover.Engine
	deaf   map[string]bool // addresses that do not answer
	slow   time.Duration   // how long the caller takes for each delta

	mu        sync.Mutex
	hits      map[string][]time.Duration // arrivals of requests, by provider
	gone      map[string][]time.Duration // when the client went or the script ended
	keys      map[string][]string        // what they authorized themselves with, by provider
	bodies    []map[string]any
	heads     []http.Header
	decisions []failover.Decision
}

// provider is one of a lab's chain.
type provider struct {
	name, protocol string
	scripts        sequence
	model          string // default: "m"
	version        string // of Azure's API
	noPrefill      bool
	url            string   // where it listens; default: http://NAME.test
	frozen         bool     // it takes connections and says nothing
	keys           []string // default: one that is named after it
	at             string   // whose backend it is; default: its own
	// refuses says that nobody takes the connection of the nth request, from 0, which said that;
	// nil: somebody takes all.
	refuses func(nth int, said string) bool
}

func (p provider) origin() string {
	if p.url == "" {
		return "http://" + p.name + ".test"
	}
	return p.url
}

// addr is where a provider listens.
func (p provider) addr() string {
	_, host, _ := strings.Cut(p.origin(), "://")
	if strings.HasPrefix(p.origin(), "https") {
		return host + ":443"
	}
	return host + ":80"
}

func openai(name string, scripts ...script) provider {
	return provider{name: name, protocol: failover.OpenAIChat, scripts: scripts}
}

func anthropic(name string, scripts ...script) provider {
	return provider{name: name, protocol: failover.AnthropicMessages, scripts: scripts}
}

// within builds a lab, calls f in virtual time and takes the lab down; a leaked goroutine fails the
// test.
func within(t *testing.T, policy failover.Policy, chain []provider, f func(l *lab)) {
	t.Helper()
	withSeed(t, 1, policy, chain, f)
}

func withSeed(t *testing.T, seed uint64, policy failover.Policy, chain []provider, f func(l *lab)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		l := &lab{
			t: t, began: time.Now(), net: memnet.New(), hits: map[string][]time.Duration{},
			gone: map[string][]time.Duration{}, keys: map[string][]string{}, deaf: map[string]bool{},
		}
		transport := &http.Transport{DialContext: l.dial}
		l.http = &http.Client{Transport: transport}
		config := failover.Config{Policy: policy, Seed: seed, OnDecision: l.decided}
		var servers []*http.Server
		var serving sync.WaitGroup
		for _, p := range chain {
			l.deaf[p.addr()] = len(p.scripts) == 0 && !p.frozen
			listener, err := l.net.Listen(p.addr())
			if err != nil {
				t.Fatal(err)
			}
			server := &http.Server{Handler: l.handler(p)}
			servers = append(servers, server)
			if p.frozen {
				defer listener.Close()
			} else {
				serving.Go(func() { _ = server.Serve(listener) })
			}
			h := l.http
			if p.refuses != nil {
				h = &http.Client{Transport: door{p, l, transport}}
			}
			config.Chain = append(config.Chain, p.config(h))
		}
		var err error
		if l.engine, err = failover.New(config); err != nil {
			t.Fatal(err)
		}
		f(l)
		if err := l.engine.Close(); err != nil {
			t.Errorf("close: %v", err)
		}
		transport.CloseIdleConnections()
		for _, s := range servers {
			_ = s.Close()
		}
		serving.Wait()
	})
}

// config is what the engine is told of a provider.
func (p provider) config(h *http.Client) failover.Provider {
	origin, keys, model := p.origin(), p.keys, p.model
	if p.at != "" {
		origin = "http://" + p.at + ".test"
	}
	if model == "" {
		model = "m"
	}
	if len(keys) == 0 {
		keys = []string{"key-" + p.name}
	}
	return failover.Provider{
		Name: p.name, Protocol: p.protocol, BaseURL: origin, APIKey: keys[0], APIKeys: keys[1:], Model: model,
		APIVersion: p.version, NoPrefill: p.noPrefill, HTTPClient: h,
	}
}

// dial connects, unless nobody plays anything there: then it waits, as for a host that drops
// packets.
func (l *lab) dial(ctx context.Context, network, addr string) (net.Conn, error) {
	if l.deaf[addr] {
		<-ctx.Done()
		return nil, ctx.Err()
	}
	return l.net.DialContext(ctx, network, addr)
}

func (l *lab) decided(d failover.Decision) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.decisions = append(l.decisions, d)
}

func (l *lab) handler(p provider) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		x := &exchange{w: w, r: r, protocol: p.protocol, provider: p.name}
		_ = json.NewDecoder(r.Body).Decode(&x.body)
		_, _ = io.Copy(io.Discard, r.Body)
		l.mu.Lock()
		l.hits[p.name] = append(l.hits[p.name], time.Since(l.began))
		l.bodies, l.heads = append(l.bodies, x.body), append(l.heads, r.Header)
		l.keys[p.name] = append(l.keys[p.name], r.Header.Get("Authorization"))
		nth := min(len(l.hits[p.name]), len(p.scripts)) - 1
		l.mu.Unlock()
		defer func() {
			l.mu.Lock()
			defer l.mu.Unlock()
			l.gone[p.name] = append(l.gone[p.name], time.Since(l.began))
		}()
		p.scripts[nth](x)
	})
}

// result is what a call came to.
type result struct {
	text     string // since the last restart
	said     string // of it, without the thinking
	raw      string // all of it, restarts as "|"
	restarts int
	calls    []failover.ToolCall // put together from their pieces, see hears
	answer   failover.Answer
	err      error
	took     time.Duration
}

// call asks the engine as a caller that understands restarts.
func (l *lab) call(tokens int) result {
	return l.ask(l.t.Context(), failover.Request{
		Prompt: "say hello", ContextTokens: tokens, ContextWindow: 200_000, Stream: true, Restarts: true,
	})
}

func (l *lab) ask(ctx context.Context, req failover.Request) result {
	var r result
	var raw, said strings.Builder
	began := time.Now()
	r.answer, r.err = l.engine.Call(ctx, req, func(d failover.Delta) {
		if l.slow > 0 {
			time.Sleep(l.slow)
		}
		if d.Kind == failover.DeltaRestart {
			r.restarts++
			raw.WriteString("|")
			said.Reset()
			return
		}
		if d.Kind == failover.DeltaText {
			said.WriteString(d.Text)
		}
		raw.WriteString(d.Text)
	})
	r.took, r.raw, r.said = time.Since(began), raw.String(), said.String()
	r.text = r.raw[strings.LastIndex(r.raw, "|")+1:]
	synctest.Wait()
	return r
}

// count returns how many requests a provider got.
func (l *lab) count(name string) int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return len(l.hits[name])
}

// first returns when a provider was asked first.
func (l *lab) first(name string) time.Duration {
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.hits[name]) == 0 {
		l.t.Fatalf("%s was never asked", name)
	}
	return l.hits[name][0]
}

// policy returns a policy that ships.
func policy(t *testing.T, name string) failover.Policy {
	t.Helper()
	p, err := failover.FindPolicy(name)
	if err != nil {
		t.Fatal(err)
	}
	return p
}
