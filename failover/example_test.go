package failover_test

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"time"

	"github.com/chaosrun/chaosrun/failover"
)

func ExampleNew() {
	broken := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		http.Error(w, `{"error": {"message": "no capacity"}}`, http.StatusServiceUnavailable)
	}))
	defer broken.Close()
	healthy := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/event-stream")
		_, _ = io.WriteString(w,
			`data: {"choices": [{"delta": {"content": "hello"}, "finish_reason": "stop"}]}`+"\n\ndata: [DONE]\n\n")
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

// FindPolicy returns a policy that ships. Its fields are the knobs of docs/ENGINE.md.
func ExampleFindPolicy() {
	policy, err := failover.FindPolicy("recommended")
	if err != nil {
		panic(err)
	}
	fmt.Println(policy.Watch.Stale, policy.Deadline, policy.Reasons[failover.ReasonAuth].NoRetry)

	_, err = failover.FindPolicy("hermes-9")
	fmt.Println(err)
	// Output:
	// 4m0s 10m0s true
	// no such policy: "hermes-9"
}

// LogDecisions writes what the engine decides to a logger.
func ExampleLogDecisions() {
	logger := slog.New(slog.NewTextHandler(os.Stdout, &slog.HandlerOptions{ReplaceAttr: withoutTime}))
	log := failover.LogDecisions(logger)
	log(failover.Decision{
		At: 42 * time.Second, Call: 1, Action: failover.ActionFallBack, Provider: "primary", Attempt: 1,
		Reason: failover.ReasonTimeout, Detail: "no progress for 42s",
	})
	// Output:
	// level=WARN msg="fall back" call=1 at=42s provider=primary attempt=1 reason=timeout detail="no progress for 42s"
}

// withoutTime leaves out the time of a record, which differs from run to run.
func withoutTime(_ []string, a slog.Attr) slog.Attr {
	if a.Key == slog.TimeKey {
		return slog.Attr{}
	}
	return a
}
