package sdktest_test

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/anthropics/anthropic-sdk-go"
	"github.com/openai/openai-go/v3"
	"google.golang.org/genai"

	"github.com/chaosrun/chaosrun/fakeprovider"
	"github.com/chaosrun/chaosrun/fakeprovider/fault"
	"github.com/chaosrun/chaosrun/fakeprovider/internal/rig"
	"github.com/chaosrun/chaosrun/fakeprovider/protocol"
)

func TestSDKReadsAnAnswer(t *testing.T) {
	t.Parallel()
	const text = "  Grüße,\n\n<b>&  \"\u65e5\" \\ 🎉\u2028\x00 — done. "
	for _, p := range protocol.All() {
		t.Run(p.Name(), func(t *testing.T) {
			for _, stream := range []bool{true, false} {
				// Anthropic's SDK gives a response that is not streamed ten minutes at most.
				wait := map[bool]time.Duration{true: 17 * time.Minute, false: 5 * time.Minute}[stream]
				rig.Everywhere(t, func(t *testing.T, serve rig.Serving) {
					t.Helper()
					reasons := p.About().Reasons
					reasons[""] = reasons["stop"]
					for reason, want := range reasons {
						steps := []fakeprovider.Step{
							fakeprovider.Heartbeat{},
							fakeprovider.Comment{Text: "busy"},
							fakeprovider.Comment{},
							fakeprovider.Wait{For: wait},
							fakeprovider.Text{Value: text, ITL: time.Second},
							fakeprovider.Heartbeat{},
							fakeprovider.Finish{Reason: reason},
						}
						// its SDK takes heartbeats for errors, see TestGoGenaiFailsOnAComment
						if p.Name() == "gemini" && stream {
							steps = slices.DeleteFunc(steps, rig.IsComment)
						}
						server, client := serve(t, fakeprovider.Options{Protocol: p, OnRequest: rig.Script(steps...)})
						got := askSDK(t.Context(), p, server, client, stream)
						if got.Err != nil {
							t.Fatalf("stream %t: %v", stream, got.Err)
						}
						if got.Text != text {
							t.Errorf("stream %t: text is %q, want %q", stream, got.Text, text)
						}
						if got.Stop != want {
							t.Errorf("stream %t: stop reason is %q, want %q", stream, got.Stop, want)
						}
						if got.In != 2 || got.Out != 9 {
							t.Errorf("stream %t: usage is %d in, %d out, want 2 and 9", stream, got.In, got.Out)
						}
					}
				})
			}
		})
	}
}

func TestEveryErrorStatusIsTheSDKsTypedError(t *testing.T) {
	t.Parallel()
	for _, p := range protocol.All() {
		t.Run(p.Name(), func(t *testing.T) {
			rig.Everywhere(t, func(t *testing.T, serve rig.Serving) {
				t.Helper()
				for _, status := range rig.ErrorStatuses() {
					server, client := serve(t, fakeprovider.Options{
						Protocol: p, OnRequest: rig.Script(fakeprovider.Fail{Status: status}),
					})
					for _, stream := range []bool{true, false} {
						err := askSDK(t.Context(), p, server, client, stream).Err
						var openAI *openai.Error
						var anthropicErr *anthropic.Error
						var geminiErr genai.APIError
						switch {
						case errors.As(err, &openAI) && openAI.StatusCode == status:
						case errors.As(err, &anthropicErr) && anthropicErr.StatusCode == status:
						case errors.As(err, &geminiErr) && geminiErr.Code == status:
						default:
							t.Errorf("status %d, stream %t: got %v", status, stream, err)
						}
					}
				}
			})
		})
	}
}

func TestSDKReadsTheErrorsFields(t *testing.T) {
	t.Parallel()
	rig.Everywhere(t, func(t *testing.T, serve rig.Serving) {
		t.Helper()
		server, client := serve(t, fakeprovider.Options{OnRequest: []fakeprovider.Fault{
			fault.RateLimited{RetryAfter: "33"}, fault.RateLimited{Code: "insufficient_quota"},
		}})
		var err *openai.Error
		if !errors.As(askOpenAI(t.Context(), openAIClient(server, client), true).Err, &err) {
			t.Fatal("no typed error")
		}
		if err.Code != "rate_limit_exceeded" || err.Type != "tokens" ||
			!strings.Contains(err.Message, "Please try again in 33s") {
			t.Errorf("got %s, %s, %q", err.Code, err.Type, err.Message)
		}
		if got := err.Response.Header.Get("Retry-After"); got != "33" {
			t.Errorf("Retry-After is %q, want 33", got)
		}
		if !errors.As(askOpenAI(t.Context(), openAIClient(server, client), true).Err, &err) {
			t.Fatal("no typed error")
		}
		if err.Code != "insufficient_quota" || err.Response.Header.Get("Retry-After") != "" {
			t.Errorf("got %s, %v", err.Code, err.Response.Header)
		}
	})
}

func TestSDKReadsAnErrorInTheStream(t *testing.T) {
	t.Parallel()
	for _, p := range protocol.All() {
		t.Run(p.Name(), func(t *testing.T) {
			rig.Everywhere(t, func(t *testing.T, serve rig.Serving) {
				t.Helper()
				server, client := serve(t, fakeprovider.Options{Protocol: p, OnRequest: rig.Script(
					fakeprovider.Text{Value: "half an"}, fakeprovider.Fail{Status: 529, Message: "mid-stream"},
				)})
				got := askSDK(t.Context(), p, server, client, true)
				if got.Text != "half an" {
					t.Errorf("text is %q, want what came before the error", got.Text)
				}
				if got.Err == nil || !strings.Contains(got.Err.Error(), "mid-stream") {
					t.Errorf("error is %v, want the vendor's", got.Err)
				}
			})
		})
	}
}

// The SDKs read a stream that ends too early in good order as a success. That makes the fault
// worth having.
func TestSDKTakesAnEarlyEndForSuccess(t *testing.T) {
	t.Parallel()
	for _, p := range protocol.All() {
		t.Run(p.Name(), func(t *testing.T) {
			rig.Everywhere(t, func(t *testing.T, serve rig.Serving) {
				t.Helper()
				server, client := serve(t, fakeprovider.Options{
					Protocol: p, OnRequest: []fakeprovider.Fault{fault.MidStreamDrop{How: fakeprovider.EOF}},
				})
				got := askSDK(t.Context(), p, server, client, true)
				if got.Err != nil ||
					got.Text != "one-provider two-provider three-provider four-provider five-provider" ||
					got.Stop != "" {
					t.Errorf("got %+v", got)
				}
			})
		})
	}
}
