package fakeprovider_test

import (
	"bufio"
	"context"
	"fmt"
	"net"
	"net/http"
	"strings"

	"github.com/chaosrun/chaosrun/fakeprovider"
	"github.com/chaosrun/chaosrun/fakeprovider/fault"
	"github.com/chaosrun/chaosrun/fakeprovider/protocol"
)

// A provider keeps the stream open with heartbeats, and no token ever arrives. Only a deadline on
// content ends such a call: every byte resets a read timeout.
func ExampleStart() {
	provider, err := fakeprovider.Start(fakeprovider.Options{
		Name:      "primary",
		Protocol:  protocol.AnthropicMessages{},
		OnRequest: []fakeprovider.Fault{fault.HeartbeatOnly{}},
		Scale:     1.0 / 1000, // the ten seconds between heartbeats take ten milliseconds
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer provider.Close()

	const body = `{"model": "claude-sonnet-4", "max_tokens": 64, "stream": true, "messages": [{"role": "user", "content": "Hello"}]}`
	request, err := http.NewRequestWithContext(context.Background(), http.MethodPost, provider.URL()+"/v1/messages",
		strings.NewReader(body))
	if err != nil {
		fmt.Println(err)
		return
	}
	request.Header.Set("Content-Type", "application/json")
	request.Header.Set("Anthropic-Version", "2023-06-01")
	request.Header.Set("X-Api-Key", "sk-any")
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		fmt.Println(err)
		return
	}
	defer response.Body.Close()
	fmt.Println(response.Status, response.Header.Get("Content-Type"))
	lines := bufio.NewScanner(response.Body)
	for heartbeats := 0; heartbeats < 3 && lines.Scan(); {
		if lines.Text() == "event: ping" {
			heartbeats++
			fmt.Println(lines.Text())
		}
	}
	first := provider.Recorder().Events()[0]
	fmt.Println(first.Lane, first.Kind, first.Text)
	// Output:
	// 200 OK text/event-stream; charset=utf-8
	// event: ping
	// event: ping
	// event: ping
	// provider/primary/call-1/attempt-1 request-received POST /v1/messages claude-sonnet-4
}

// Serve takes any listener, and Close ends it. The first request is refused, and the second one is
// answered.
func ExampleServe() {
	listener, err := new(net.ListenConfig).Listen(context.Background(), "tcp", "127.0.0.1:0")
	if err != nil {
		fmt.Println(err)
		return
	}
	provider := fakeprovider.Serve(listener, fakeprovider.Options{
		Name:      "primary",
		Protocol:  protocol.OpenAIChat{},
		OnRequest: []fakeprovider.Fault{fault.RateLimited{}, fakeprovider.Healthy{}},
	})
	defer provider.Close()

	const body = `{"model": "gpt-5", "messages": [{"role": "user", "content": "Hello"}]}`
	for range 2 {
		request, err := http.NewRequestWithContext(context.Background(), http.MethodPost,
			provider.URL()+"/v1/chat/completions", strings.NewReader(body))
		if err != nil {
			fmt.Println(err)
			return
		}
		request.Header.Set("Content-Type", "application/json")
		request.Header.Set("Authorization", "Bearer sk-any")
		response, err := http.DefaultClient.Do(request)
		if err != nil {
			fmt.Println(err)
			return
		}
		response.Body.Close()
		fmt.Println(response.Status)
	}
	// Output:
	// 429 Too Many Requests
	// 200 OK
}
