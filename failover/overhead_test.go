package failover_test

import (
	"context"
	"fmt"
	"io"
	"net/http"
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
		fmt.Fprintf(&b, "data: {\"id\":\"1\",\"object\":\"chat.completion.chunk\",\"model\":\"m\",\"choices\":[{\"index\":0,\"delta\":{\"content\":\"token %d \"}}]}\n\n", i)
	}
	b.WriteString(`data: {"id":"1","choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}` + "\n\ndata: [DONE]\n\n")
	return canned{b.String()}
}

// bare asks as a program does that has no engine.
func bare(h *http.Client) func() (int, error) {
	client := vendor.NewChatCompletionService(
		option.WithBaseURL("http://p.test/v1/"), option.WithAPIKey("k"), option.WithHTTPClient(h), option.WithMaxRetries(0))
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
		_, err = engine.Call(tb.Context(), failover.Request{Prompt: "say hello", Stream: true, Restarts: true}, func(d failover.Delta) { n += len(d.Text) })
		return n, err
	}
}

// What an engine costs a caller whose provider is well: fewer than 5 % more allocations than the bare SDK.
func TestHealthyOverhead(t *testing.T) { //nolint:paralleltest // AllocsPerRun counts those of the whole process
	h := &http.Client{Transport: aHundredTokens()}
	count := func(call func() (int, error)) float64 {
		return testing.AllocsPerRun(50, func() {
			if n, err := call(); n == 0 || err != nil {
				t.Fatalf("got %d bytes, error %v", n, err)
			}
		})
	}
	sdk, engine := count(bare(h)), count(engined(t, h))
	t.Logf("allocations of a call: %.0f with the bare SDK, %.0f with the engine (%+.1f %%)", sdk, engine, 100*(engine/sdk-1))
	if engine > sdk*1.05 {
		t.Errorf("the engine makes %.0f allocations, the bare SDK %.0f", engine, sdk)
	}
}

// BenchmarkHealthyOverhead alternates the bare SDK and the engine, and reports the median time of each and of what the engine adds.
func BenchmarkHealthyOverhead(b *testing.B) {
	const rounds, each = 20, 20
	h := &http.Client{Transport: aHundredTokens()}
	sdk, engine := bare(h), engined(b, h)
	timed := func(call func() (int, error)) float64 {
		began := time.Now()
		for range each {
			if _, err := call(); err != nil {
				b.Fatal(err)
			}
		}
		return float64(time.Since(began).Nanoseconds()) / each
	}
	var sdks, engines, added []float64
	for b.Loop() {
		for range rounds {
			s, e := timed(sdk), timed(engine)
			sdks, engines, added = append(sdks, s), append(engines, e), append(added, 100*(e/s-1))
		}
	}
	b.ReportMetric(median(sdks), "sdk-ns/call")
	b.ReportMetric(median(engines), "engine-ns/call")
	b.ReportMetric(median(added), "added-%")
}

func median(values []float64) float64 {
	slices.Sort(values)
	return values[len(values)/2]
}
