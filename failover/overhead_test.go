package failover_test

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	vendor "github.com/openai/openai-go/v3"
	"github.com/openai/openai-go/v3/option"

	"github.com/chaosrun/chaosrun/failover"
)

// canned answers each request from memory, so that what is measured is the client.
type canned struct{ body string }

var _ http.RoundTripper = canned{}

// RoundTrip answers.
func (c canned) RoundTrip(r *http.Request) (*http.Response, error) {
	_, _ = io.Copy(io.Discard, r.Body)
	_ = r.Body.Close()
	return &http.Response{
		StatusCode: http.StatusOK, Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1, Request: r,
		Header: http.Header{"Content-Type": {"text/event-stream"}},
		Body:   io.NopCloser(strings.NewReader(c.body)),
	}, nil
}

// aHundredTokens is a healthy stream.
func aHundredTokens() canned {
	var b strings.Builder
	for i := range 100 {
		fmt.Fprintf(
			&b,
			"data: {\"id\":\"1\",\"object\":\"chat.completion.chunk\",\"model\":\"m\",\"choices\":[{\"index\":0,\"delta\":{\"content\":\"token %d \"}}]}\n\n",
			i)
	}
	b.WriteString(`data: {"id":"1","choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}` + "\n\ndata: [DONE]\n\n")
	return canned{b.String()}
}

// bare asks as a program does that has no engine.
func bare(h *http.Client) func() (int, error) {
	client := vendor.NewChatCompletionService(
		option.WithBaseURL("http://p.test/v1/"), option.WithAPIKey("k"), option.WithHTTPClient(h),
		option.WithMaxRetries(0))
	return func() (n int, err error) {
		params := vendor.ChatCompletionNewParams{
			Model: "m", Messages: []vendor.ChatCompletionMessageParamUnion{vendor.UserMessage("say hello")},
			StreamOptions: vendor.ChatCompletionStreamOptionsParam{IncludeUsage: vendor.Bool(true)},
		}
		s := client.NewStreaming(context.Background(), params)
		for s.Next() {
			if chunk := s.Current(); len(chunk.Choices) > 0 {
				n += len(chunk.Choices[0].Delta.Content)
			}
		}
		return n, s.Err()
	}
}

// engined asks through an engine.
func engined(tb testing.TB, h *http.Client) func() (int, error) {
	tb.Helper()
	p, err := failover.FindPolicy("recommended")
	if err != nil {
		tb.Fatal(err)
	}
	chain := []failover.Provider{
		{Name: "p", Protocol: failover.OpenAIChat, BaseURL: "http://p.test", APIKey: "k", Model: "m", HTTPClient: h},
		{Name: "q", Protocol: failover.OpenAIChat, BaseURL: "http://q.test", APIKey: "k", Model: "m", HTTPClient: h},
	}
	engine, err := failover.New(failover.Config{Policy: p, Chain: chain})
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { _ = engine.Close() })
	return func() (n int, err error) {
		_, err = engine.Call(tb.Context(), failover.Request{Prompt: "say hello", Stream: true, Restarts: true},
			func(d failover.Delta) { n += len(d.Text) })
		return n, err
	}
}

// cost is what one call takes: nanoseconds, and allocations.
type cost struct{ ns, allocations float64 }

// overhead lets the bare SDK and the engine answer in turns, 20 times some calls each, and returns
// the medians of both and of what the engine adds, in percent.
func overhead(tb testing.TB) (sdk, engine, added cost) {
	tb.Helper()
	const rounds, each = 20, 20
	h := &http.Client{Transport: aHundredTokens()}
	callers := [2]func() (int, error){bare(h), engined(tb, h)}
	var ns, allocations [3][]float64
	for range rounds {
		var c [2]cost
		for i, call := range callers {
			c[i] = costOf(tb, call, each)
			ns[i], allocations[i] = append(ns[i], c[i].ns), append(allocations[i], c[i].allocations)
		}
		ns[2] = append(ns[2], 100*(c[1].ns/c[0].ns-1))
		allocations[2] = append(allocations[2], 100*(c[1].allocations/c[0].allocations-1))
	}
	of := func(i int) cost { return cost{median(ns[i]), median(allocations[i])} }
	return of(0), of(1), of(2)
}

// costOf makes some calls.
func costOf(tb testing.TB, call func() (int, error), calls int) cost {
	tb.Helper()
	var was, is runtime.MemStats
	runtime.ReadMemStats(&was)
	began := time.Now()
	for range calls {
		if n, err := call(); n == 0 || err != nil {
			tb.Fatalf("got %d bytes, error %v", n, err)
		}
	}
	took := time.Since(began)
	runtime.ReadMemStats(&is)
	return cost{float64(took.Nanoseconds()) / float64(calls), float64(is.Mallocs-was.Mallocs) / float64(calls)}
}

// What an engine costs a caller whose provider is well: fewer than 5 % more allocations than the
// bare SDK. The time is reported.
func TestHealthyOverhead(t *testing.T) { //nolint:paralleltest // the allocations are those of the whole process
	sdk, engine, added := overhead(t)
	t.Logf("a call with the bare SDK: %.0f allocations, %.2f ms", sdk.allocations, sdk.ns/1e6)
	t.Logf("a call with the engine:   %.0f allocations (%+.1f %%), %.2f ms (%+.1f %%)", engine.allocations,
		added.allocations, engine.ns/1e6, added.ns)
	if added.allocations >= 5 {
		t.Errorf("the engine makes %.1f %% more allocations than the bare SDK", added.allocations)
	}
}

// BenchmarkHealthyOverhead reports the same.
func BenchmarkHealthyOverhead(b *testing.B) {
	var sdk, engine, added cost
	for b.Loop() {
		sdk, engine, added = overhead(b)
	}
	b.ReportMetric(sdk.ns, "sdk-ns/call")
	b.ReportMetric(engine.ns, "engine-ns/call")
	b.ReportMetric(added.ns, "added-ns-%")
	b.ReportMetric(added.allocations, "added-allocs-%")
	if added.allocations >= 5 {
		b.Errorf("the engine makes %.1f %% more allocations than the bare SDK", added.allocations)
	}
}

func median(values []float64) float64 {
	slices.Sort(values)
	return values[len(values)/2]
}
