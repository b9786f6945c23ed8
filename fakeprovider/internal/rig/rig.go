package rig

import (
	"context"
	"io"
	"net/http"
	"testing"
	"time"

	"github.com/chaosrun/chaosrun/fakeprovider"
	"github.com/chaosrun/chaosrun/fakeprovider/protocol"
	"github.com/chaosrun/chaosrun/internal/memnet"
	"github.com/chaosrun/chaosrun/timeline"
)

// spoken sets the protocol of most tests, and all others for faults that answer in one of them.
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

// Script returns a single script to serve.
func Script(steps ...fakeprovider.Step) []fakeprovider.Fault {
	return []fakeprovider.Fault{fakeprovider.Script(steps)}
}

// Ask returns a request of Chat Completions to a URL.
func Ask(ctx context.Context, t *testing.T, url string, stream bool) *http.Request {
	t.Helper()
	call := CallOf(protocol.OpenAIChat{}, stream)
	call.Path = ""
	return request(ctx, t, url, call)
}

// AskOf returns a request to a provider that speaks p.
func AskOf(ctx context.Context, t *testing.T, origin string, p fakeprovider.Protocol, stream bool) *http.Request {
	t.Helper()
	return request(ctx, t, origin, CallOf(p, stream))
}

// CallOf returns the smallest request of a protocol.
func CallOf(p fakeprovider.Protocol, stream bool) fakeprovider.Call {
	if stream {
		return p.About().Stream
	}
	return p.About().Whole
}

// request fills in a call with a prompt of two tokens.
func request(ctx context.Context, t *testing.T, origin string, call fakeprovider.Call) *http.Request {
	t.Helper()
	r, err := call.Request(ctx, origin, fakeprovider.Blanks{Model: "some-model", Prompt: "say hello", Key: "sk-secret"})
	if err != nil {
		t.Fatal(err)
	}
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

// Lane returns the kinds of one lane's events, in order.
func Lane(events []timeline.Event, name string) []timeline.Kind {
	var kinds []timeline.Kind
	for _, e := range (timeline.Timeline{Events: events}).Lanes()[name] {
		kinds = append(kinds, e.Kind)
	}
	return kinds
}

// LastAt returns the time of a lane's last event.
func LastAt(events []timeline.Event, name string) time.Duration {
	events = timeline.Timeline{Events: events}.Lanes()[name]
	if len(events) == 0 {
		return -1
	}
	return events[len(events)-1].At
}

// Texts returns the texts of all events of a kind.
func Texts(events []timeline.Event, kind timeline.Kind) []string {
	var found []string
	for _, e := range events {
		if e.Kind == kind {
			found = append(found, e.Text)
		}
	}
	return found
}
