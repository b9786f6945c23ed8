package rig

import (
	"context"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/chaosrun/chaosrun/fakeprovider"
	"github.com/chaosrun/chaosrun/fakeprovider/protocol"
	"github.com/chaosrun/chaosrun/internal/memnet"
	"github.com/chaosrun/chaosrun/timeline"
)

// spoken fills in the protocol of most tests, and all others for the faults that answer in one of them.
func spoken(o fakeprovider.Options) fakeprovider.Options {
	if o.Protocol == nil {
		o.Protocol = protocol.OpenAIChat{}
	}
	o.Others = protocol.All()
	return o
}

// ServeInMemory serves a provider on a network of its own. Call it inside a bubble.
func ServeInMemory(t *testing.T, o fakeprovider.Options) (*fakeprovider.Server, *http.Client) {
	t.Helper()
	network := memnet.New()
	listener, err := network.Listen("provider.test:80")
	if err != nil {
		t.Fatal(err)
	}
	transport := &http.Transport{DialContext: network.DialContext}
	server := fakeprovider.Serve(listener, spoken(o))
	t.Cleanup(func() {
		transport.CloseIdleConnections()
		server.Close()
		network.Close()
	})
	return server, &http.Client{Transport: transport}
}

// ServeOnLoopback serves a provider on TCP. Call it outside a bubble.
func ServeOnLoopback(t *testing.T, o fakeprovider.Options) (*fakeprovider.Server, *http.Client) {
	t.Helper()
	server, err := fakeprovider.Start(spoken(o))
	if err != nil {
		t.Fatal(err)
	}
	transport := &http.Transport{}
	t.Cleanup(func() {
		transport.CloseIdleConnections()
		server.Close()
	})
	return server, &http.Client{Transport: transport}
}

// Script serves a single script.
func Script(steps ...fakeprovider.Step) []fakeprovider.Fault {
	return []fakeprovider.Fault{fakeprovider.Script(steps)}
}

// Path is where a protocol takes requests.
func Path(p fakeprovider.Protocol) string {
	switch p.Name() {
	case "anthropic-messages":
		return "/v1/messages"
	case "openai-responses":
		return "/v1/responses"
	case "gemini":
		return GeminiStream
	case "openrouter":
		return "/api/v1/chat/completions"
	case "azure-openai":
		return "/openai/deployments/some-model/chat/completions?api-version=2024-10-21"
	default:
		return "/v1/chat/completions"
	}
}

// geminiStream says with its method that it is streamed, and in which form. geminiWhole is not streamed.
const (
	GeminiStream = "/v1beta/models/some-model:streamGenerateContent?alt=sse"
	GeminiWhole  = "/v1beta/models/some-model:generateContent"
)

// Ask is a request that every protocol of the package takes.
func Ask(ctx context.Context, t *testing.T, url string, stream bool) *http.Request {
	t.Helper()
	body := `{"model":"some-model","max_tokens":100,"messages":[{"role":"user","content":"say hello"}],"input":"say hello","stream":false}`
	body = strings.Replace(body, "{", `{"contents":[{"role":"user","parts":[{"text":"say hello"}]}],`, 1) // for Gemini
	if !stream {
		url = strings.Replace(url, GeminiStream, GeminiWhole, 1)
	} else {
		body = strings.Replace(body, `"stream":false`, `"stream":true,"stream_options":{"include_usage":true}`, 1)
	}
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, url, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Authorization", "Bearer sk-secret")
	r.Header.Set("X-Api-Key", "sk-secret")
	r.Header.Set("X-Goog-Api-Key", "sk-secret")
	r.Header.Set("Anthropic-Version", "2023-06-01")
	r.Header.Set("Content-Type", "application/json")
	return r
}

// Exchange sends a request and reads the answer to its end, whatever that is.
func Exchange(t *testing.T, client *http.Client, r *http.Request) (resp *http.Response, body string, err error) {
	t.Helper()
	resp, err = client.Do(r) //nolint:gosec // the test names the URL
	if err != nil {
		return nil, "", err
	}
	defer func() { _ = resp.Body.Close() }()
	data, err := io.ReadAll(resp.Body)
	return resp, string(data), err
}

// Lane are the kinds of one lane's events, in order.
func Lane(events []timeline.Event, name string) []timeline.Kind {
	var kinds []timeline.Kind
	for _, e := range (timeline.Timeline{Events: events}).Lanes()[name] {
		kinds = append(kinds, e.Kind)
	}
	return kinds
}

// LastAt is the time of a lane's last event.
func LastAt(events []timeline.Event, name string) time.Duration {
	events = timeline.Timeline{Events: events}.Lanes()[name]
	if len(events) == 0 {
		return -1
	}
	return events[len(events)-1].At
}

// Texts are the texts of all events of a kind.
func Texts(events []timeline.Event, kind timeline.Kind) []string {
	var found []string
	for _, e := range events {
		if e.Kind == kind {
			found = append(found, e.Text)
		}
	}
	return found
}
