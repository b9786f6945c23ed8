package failover_test

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/chaosrun/chaosrun/failover"
	"github.com/chaosrun/chaosrun/internal/memnet"
)

// A script plays one exchange of a fake provider. The body of the request has been read.
type script func(x *exchange)

type exchange struct {
	w        http.ResponseWriter
	r        *http.Request
	protocol string
	provider string
	body     map[string]any
}

// send writes bytes of a stream.
func (x *exchange) send(text string) {
	if x.w.Header().Get("Content-Type") == "" {
		x.w.Header().Set("Content-Type", "text/event-stream")
	}
	_, _ = io.WriteString(x.w, text)
	x.w.(http.Flusher).Flush()
}

// wait says whether the client is still there after d.
func (x *exchange) wait(d time.Duration) bool {
	select {
	case <-x.r.Context().Done():
		return false
	case <-time.After(d):
		return true
	}
}

// hang stays until the client goes.
func (x *exchange) hang() { <-x.r.Context().Done() }

// text sends a piece of the answer.
func (x *exchange) text(s string) {
	if x.protocol == failover.AnthropicMessages {
		x.send(fmt.Sprintf("event: content_block_delta\ndata: {\"type\":\"content_block_delta\",\"index\":0,\"delta\":{\"type\":\"text_delta\",\"text\":%q}}\n\n", s))
		return
	}
	x.send(fmt.Sprintf("data: {\"id\":\"1\",\"object\":\"chat.completion.chunk\",\"model\":\"m-%s\",\"choices\":[{\"index\":0,\"delta\":{\"content\":%q}}]}\n\n", x.provider, s))
}

// finish ends the answer.
func (x *exchange) finish() {
	if x.protocol == failover.AnthropicMessages {
		x.send("event: message_delta\ndata: {\"type\":\"message_delta\",\"delta\":{\"stop_reason\":\"end_turn\"},\"usage\":{\"output_tokens\":7}}\n\n")
		x.send("event: message_stop\ndata: {\"type\":\"message_stop\"}\n\n")
		return
	}
	x.send(`data: {"id":"1","choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}` + "\n\n")
	x.send(`data: {"id":"1","choices":[],"usage":{"prompt_tokens":5,"completion_tokens":7}}` + "\n\n")
	x.send("data: [DONE]\n\n")
}

// heartbeat is what keeps a connection open and says nothing.
func (x *exchange) heartbeat() {
	if x.protocol == failover.AnthropicMessages {
		x.send("event: ping\ndata: {\"type\": \"ping\"}\n\n")
		return
	}
	x.send(": ping\n\n")
}

// heartbeats, 10 s and a phase apart, so that none falls on the instant of a limit.
func heartbeats(x *exchange) {
	for d := 3 * time.Millisecond; x.wait(d); d = 10 * time.Second {
		x.heartbeat()
	}
}

// answers is a healthy provider: its name in two pieces.
func answers(x *exchange) {
	if x.body["stream"] != true {
		x.w.Header().Set("Content-Type", "application/json")
		x.send(fmt.Sprintf(`{"id":"1","type":"message","role":"assistant","model":"m-%s","choices":[{"index":0,"message":{"role":"assistant","content":%[2]q},"finish_reason":"stop"}],`+
			`"content":[{"type":"text","text":%[2]q}],"stop_reason":"end_turn","usage":{"prompt_tokens":5,"completion_tokens":7,"input_tokens":5,"output_tokens":7}}`, x.provider, "hello from "+x.provider))
		return
	}
	if x.protocol == failover.AnthropicMessages {
		x.send(fmt.Sprintf("event: message_start\ndata: {\"type\":\"message_start\",\"message\":{\"id\":\"1\",\"model\":\"m-%s\",\"usage\":{\"input_tokens\":5,\"output_tokens\":1}}}\n\n", x.provider))
		x.send("event: content_block_start\ndata: {\"type\":\"content_block_start\",\"index\":0,\"content_block\":{\"type\":\"text\",\"text\":\"\"}}\n\n")
	}
	x.text("hello ")
	x.text("from " + x.provider)
	x.finish()
}

// fails answers with a status, a body and headers (name, value, …).
func fails(status int, body string, headers ...string) script {
	return func(x *exchange) {
		x.w.Header().Set("Content-Type", "application/json")
		for i := 0; i < len(headers); i += 2 {
			x.w.Header().Set(headers[i], headers[i+1])
		}
		x.w.WriteHeader(status)
		_, _ = io.WriteString(x.w, body)
	}
}

// silent sends headers and nothing more.
func silent(x *exchange) {
	x.send("")
	x.hang()
}

// mute sends nothing at all.
func mute(x *exchange) { x.hang() }

// resets ends the connection as a crash does.
func resets(x *exchange) {
	conn, _, err := http.NewResponseController(x.w).Hijack()
	if err != nil {
		panic(err)
	}
	_ = conn.(*memnet.Conn).SetLinger(0)
	_ = conn.Close()
}

// sequence plays one script after the other, one for each request; the last repeats.
type sequence []script

// A lab is an engine between fake providers, in virtual time.
type lab struct {
	t      *testing.T
	began  time.Time
	net    *memnet.Network
	http   *http.Client
	engine *failover.Engine

	mu        sync.Mutex
	hits      map[string][]time.Duration // arrivals of requests, by provider
	gone      map[string][]time.Duration // when the client went or the script ended
	bodies    []map[string]any
	heads     []http.Header
	decisions []failover.Decision
}

// provider is one of a lab's chain.
type provider struct {
	name, protocol string
	scripts        sequence
}

func openai(name string, scripts ...script) provider {
	return provider{name, failover.OpenAIChat, scripts}
}

func anthropic(name string, scripts ...script) provider {
	return provider{name, failover.AnthropicMessages, scripts}
}

// within builds a lab, calls f in virtual time and takes the lab down; a leaked goroutine fails the test.
func within(t *testing.T, policy failover.Policy, chain []provider, f func(l *lab)) {
	t.Helper()
	withSeed(t, 1, policy, chain, f)
}

func withSeed(t *testing.T, seed uint64, policy failover.Policy, chain []provider, f func(l *lab)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		l := &lab{t: t, began: time.Now(), net: memnet.New(), hits: map[string][]time.Duration{}, gone: map[string][]time.Duration{}}
		transport := &http.Transport{DialContext: l.net.DialContext}
		l.http = &http.Client{Transport: transport}
		config := failover.Config{Policy: policy, Seed: seed, OnDecision: l.decided}
		var servers []*http.Server
		var serving sync.WaitGroup
		for _, p := range chain {
			listener, err := l.net.Listen(p.name + ".test:80")
			if err != nil {
				t.Fatal(err)
			}
			server := &http.Server{Handler: l.handler(p)}
			servers = append(servers, server)
			serving.Go(func() { _ = server.Serve(listener) })
			config.Chain = append(config.Chain, failover.Provider{
				Name: p.name, Protocol: p.protocol, BaseURL: "http://" + p.name + ".test", APIKey: "key-" + p.name, Model: "m", HTTPClient: l.http,
			})
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
	raw      string // all of it, restarts as "|"
	restarts int
	answer   failover.Answer
	err      error
	took     time.Duration
}

// call asks the engine as a caller that understands restarts.
func (l *lab) call(tokens int) result {
	return l.ask(context.Background(), failover.Request{Prompt: "say hello", ContextTokens: tokens, ContextWindow: 200_000, Stream: true, Restarts: true})
}

func (l *lab) ask(ctx context.Context, req failover.Request) result {
	var r result
	var raw strings.Builder
	began := time.Now()
	r.answer, r.err = l.engine.Call(ctx, req, func(d failover.Delta) {
		if d.Kind == failover.DeltaRestart {
			r.restarts++
			raw.WriteString("|")
			return
		}
		raw.WriteString(d.Text)
	})
	r.took, r.raw = time.Since(began), raw.String()
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
