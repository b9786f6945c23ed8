package serve_test

import (
	"context"
	"io"
	"testing"
	"testing/synctest"
	"time"

	"github.com/chaosrun/chaosrun/fakeprovider"
	"github.com/chaosrun/chaosrun/fakeprovider/fault"
	"github.com/chaosrun/chaosrun/fakeprovider/protocol"
	"github.com/chaosrun/chaosrun/timeline"
)

// TestEveryFaultMeetsAClientOfHTTP2 serves every fault over TLS to a client that speaks HTTP/2.
// Faults that take the connection are served over HTTP/1.1, which is all that their provider
// offers, and all others over HTTP/2.
func TestEveryFaultMeetsAClientOfHTTP2(t *testing.T) {
	t.Parallel()
	for _, info := range fault.All() {
		request := fakeprovider.Request{Model: "some-model", Stream: true}
		if fakeprovider.Cannot(info.Default, fakeprovider.WorldServe) != nil ||
			fakeprovider.CannotSay(info.Default, protocol.OpenAIChat{}, request) != nil {
			continue // there is nothing to meet
		}
		t.Run(info.Name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				o := only(info.Default)
				o.TLS, _ = certificate(t, "primary.test")
				r := inMemory(t, o)
				trust(t, r, true)
				ctx, cancel := context.WithTimeout(t.Context(), 20*time.Minute)
				defer cancel()
				resp, err := r.client.Do(r.ask(ctx, t))
				if err == nil {
					if want := map[bool]int{false: 2, true: 1}[info.HTTP1]; resp.ProtoMajor != want {
						t.Errorf("it came by HTTP/%d, want %d", resp.ProtoMajor, want)
					}
					_, _ = io.Copy(io.Discard, resp.Body)
					resp.Body.Close()
				}
				cancel()
				synctest.Wait()
				for _, e := range r.Timeline().Events {
					if e.Kind == timeline.HarnessFailed {
						t.Errorf("%s", e.Text)
					}
				}
			})
		})
	}
}
