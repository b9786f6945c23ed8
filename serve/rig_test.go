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

// path returns the path of a protocol's streamed requests.
func path(p fakeprovider.Protocol) string {
	switch p.Name() {
	case "anthropic-messages":
		return "/v1/messages"
	case "openai-responses":
		return "/v1/responses"
	case "gemini":
		return "/v1beta/models/some-model:streamGenerateContent?alt=sse"
	case "openrouter":
		return "/api/v1/chat/completions"
	case "azure-openai":
		return "/openai/deployments/some-model/chat/completions?api-version=2024-10-21"
	default:
		return "/v1/chat/completions"
	}
}

// whole returns the path of a protocol's requests for an answer that is not streamed. Only
// Gemini's differs.
func whole(p fakeprovider.Protocol) string {
	return strings.Replace(path(p), ":streamGenerateContent?alt=sse", ":generateContent", 1)
}

// body returns a request that every protocol accepts, with a prompt of 68 bytes: 17 tokens by the
// rule of thumb.
func body(model string, stream bool) string {
	prompt := strings.Repeat("word ", 13) + "end"
	text := `{"model":"` + model + `","max_tokens":100,"messages":[{"role":"user","content":"` + prompt + `"}],"input":"` + prompt + `","stream":false,` +
		`"contents":[{"role":"user","parts":[{"text":"` + prompt + `"}]}]}`
	if stream {
		text = strings.Replace(text, `"stream":false`, `"stream":true,"stream_options":{"include_usage":true}`, 1)
	}
	return text
}

// ask returns a request to the first provider.
func (r *rig) ask(ctx context.Context, t *testing.T, change ...func(*http.Request)) *http.Request {
	t.Helper()
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, r.urls[0]+"/v1/chat/completions", strings.NewReader(body("some-model", true)))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer sk-any")
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
