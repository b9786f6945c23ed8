package failover_test

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"

	"github.com/chaosrun/chaosrun/failover"
)

func ExampleNew() {
	broken := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		http.Error(w, `{"error": {"message": "no capacity"}}`, http.StatusServiceUnavailable)
	}))
	defer broken.Close()
	healthy := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/event-stream")
		_, _ = io.WriteString(w, `data: {"choices": [{"delta": {"content": "hello"}, "finish_reason": "stop"}]}`+"\n\ndata: [DONE]\n\n")
	}))
	defer healthy.Close()

	policy, err := failover.FindPolicy("recommended")
	if err != nil {
		panic(err)
	}
	engine, err := failover.New(failover.Config{
		Policy: policy,
		Chain: []failover.Provider{
			{Name: "primary", Protocol: failover.OpenAIChat, BaseURL: broken.URL, APIKey: "sk-1", Model: "large"},
			{Name: "secondary", Protocol: failover.OpenAIChat, BaseURL: healthy.URL, APIKey: "sk-2", Model: "small"},
		},
	})
	if err != nil {
		panic(err)
	}
	defer func() { _ = engine.Close() }()

	request := failover.Request{Prompt: "say hello", Stream: true, Restarts: true}
	answer, err := engine.Call(context.Background(), request, func(d failover.Delta) { fmt.Println(d.Text) })
	if err != nil {
		panic(err)
	}
	fmt.Println("from", answer.Provider)
	// Output:
	// hello
	// from secondary
}

func ExampleLoadPolicy() {
	policy, err := failover.LoadPolicy("mine.yaml", []byte(`
policy: mine
extends: recommended
watch: {stale: 90s}
`))
	if err != nil {
		panic(err)
	}
	fmt.Println(policy.Name, policy.Watch.Stale, policy.Retry.Attempts)

	_, err = failover.LoadPolicy("mine.yaml", []byte(`{policy: mine, retry: {backoff: {base: 10s, cap: 5s}}}`))
	fmt.Println(err)
	// Output:
	// mine 1m30s 2
	// mine.yaml:1:50: the cap of 5s is below the base of 10s: raise the cap
	//     {policy: mine, retry: {backoff: {base: 10s, cap: 5s}}}
	//                                                      ^
}
