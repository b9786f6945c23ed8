package serve_test

import (
	"context"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/chaosrun/chaosrun/fakeprovider"
	"github.com/chaosrun/chaosrun/fakeprovider/protocol"
	"github.com/chaosrun/chaosrun/internal/memnet"
	"github.com/chaosrun/chaosrun/serve"
	"github.com/chaosrun/chaosrun/timeline"
)

const token = "the-token"

// rig is a Set, a client of its providers and a client of its admin API.
type rig struct {
	*serve.Set

	client  *http.Client
	network *memnet.Network // nil on loopback
	admin   string
	urls    []string
}

// inMemory starts a set on a network of its own. Call it inside a bubble.
func inMemory(t *testing.T, o serve.Options) *rig {
	t.Helper()
	network := memnet.New()
	t.Cleanup(func() {
		network.Close()
		time.Sleep(time.Second) // virtual: net/http lingers for half a second over a connection that it gives up
	})
	r := start(t, o, func(name string) net.Listener {
		l, err := network.Listen(name + ".test:80")
		if err != nil {
			t.Fatal(err)
		}
		return l
	}, &http.Transport{DialContext: network.DialContext})
	r.network = network
	return r
}

// onLoopback starts a set on TCP. Call it outside of a bubble.
func onLoopback(t *testing.T, o serve.Options) *rig {
	t.Helper()
	return start(t, o, func(string) net.Listener {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		return l
	}, &http.Transport{})
}

func start(t *testing.T, o serve.Options, listen func(name string) net.Listener, transport *http.Transport) *rig {
	t.Helper()
	if len(o.Providers) == 0 {
		o.Providers = []serve.Provider{{Name: "primary"}}
	}
	scheme := "http://"
	if o.TLS != nil {
		scheme = "https://"
	}
	r := &rig{client: &http.Client{Transport: transport}}
	for i := range o.Providers {
		p := &o.Providers[i]
		if p.Protocol == nil {
			p.Protocol = protocol.OpenAIChat{}
		}
		p.Listener = listen(p.Name)
		p.URL = scheme + p.Listener.Addr().String()
		r.urls = append(r.urls, p.URL)
	}
	o.Admin, o.Token = listen("admin"), token
	r.admin = "http://" + o.Admin.Addr().String()
	var err error
	if r.Set, err = serve.Start(o); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		transport.CloseIdleConnections()
		r.Close()
	})
	return r
}

// only returns options with one provider called primary.
func only(entries ...fakeprovider.Fault) serve.Options {
	return serve.Options{Seed: 1, Providers: []serve.Provider{{Name: "primary", OnRequest: entries}}}
}

// path returns where a protocol takes requests, without the query.
func path(p fakeprovider.Protocol) string {
	at, _, _ := strings.Cut(p.About().Stream.Path, "?")
	return strings.ReplaceAll(at, "{model}", "some-model")
}

// blanks fills in a call with 68 bytes of prompt: 17 tokens by the rule of thumb.
func blanks(model string) fakeprovider.Blanks {
	return fakeprovider.Blanks{Model: model, Prompt: strings.Repeat("word ", 13) + "end", Key: "sk-any"}
}

// body returns the body of a request of Chat Completions.
func body(model string, stream bool) string {
	about := protocol.OpenAIChat{}.About()
	call := about.Whole
	if stream {
		call = about.Stream
	}
	return strings.NewReplacer("{model}", model, "{prompt}", blanks(model).Prompt).Replace(call.Body)
}

// ask returns a request of Chat Completions to the first provider.
func (r *rig) ask(ctx context.Context, t *testing.T, change ...func(*http.Request)) *http.Request {
	t.Helper()
	return r.askOf(ctx, t, protocol.OpenAIChat{}, change...)
}

// askOf returns a streamed request to the first provider, which speaks p.
func (r *rig) askOf(ctx context.Context, t *testing.T, p fakeprovider.Protocol,
	change ...func(*http.Request),
) *http.Request {
	t.Helper()
	req, err := p.About().Stream.Request(ctx, r.urls[0], blanks("some-model"))
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range change {
		f(req)
	}
	return req
}

// do sends a request and reads the response to its end.
func (r *rig) do(t *testing.T, req *http.Request) (status int, text string, err error) {
	t.Helper()
	resp, err := r.client.Do(req)
	if err != nil {
		return 0, "", err
	}
	defer resp.Body.Close()
	data, err := io.ReadAll(resp.Body)
	return resp.StatusCode, string(data), err
}

// call calls the admin API.
func (r *rig) call(t *testing.T, method, path, text string) (status int, answer string) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, r.admin+path, strings.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+token)
	status, answer, err = r.do(t, req)
	if err != nil {
		t.Fatal(err)
	}
	return status, answer
}

// kinds returns the kinds of one lane's events, in order.
func (r *rig) kinds(lane string) []timeline.Kind {
	var kinds []timeline.Kind
	for _, e := range r.Timeline().Lanes()[lane] {
		kinds = append(kinds, e.Kind)
	}
	return kinds
}

// until polls for what other processes or the kernel do, on loopback.
func until(t *testing.T, what string, done func() bool) {
	t.Helper()
	deadline := time.After(20 * time.Second)
	for !done() {
		select {
		case <-deadline:
			t.Fatalf("never: %s", what)
		case <-time.After(time.Millisecond):
		}
	}
}
