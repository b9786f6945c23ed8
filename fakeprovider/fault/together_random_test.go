package fault_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"testing"
	"testing/synctest"
	"time"

	"pgregory.net/rapid"

	"github.com/chaosrun/chaosrun/fakeprovider"
	"github.com/chaosrun/chaosrun/fakeprovider/fault"
	"github.com/chaosrun/chaosrun/fakeprovider/internal/rig"
	"github.com/chaosrun/chaosrun/fakeprovider/protocol"
	"github.com/chaosrun/chaosrun/timeline"
)

// A playedOut records one request: what its client read until the response ended or the
// client had waited long enough, and what the provider recorded.
type playedOut struct {
	body   string
	ended  bool
	events string
}

// playRandom plays a fault once, in virtual time. The bubble fails the test where somebody hangs
// for ever or is left behind.
func playRandom(t *testing.T, p fakeprovider.Protocol, fault fakeprovider.Fault, stream bool,
	seed uint64,
) (got playedOut) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		server, client := rig.ServeInMemory(t, fakeprovider.Options{
			Name: "primary", Protocol: p, OnRequest: []fakeprovider.Fault{fault}, Seed: seed, FixedIDs: true,
		})
		ctx, cancel := context.WithTimeout(t.Context(), 10*time.Minute+time.Nanosecond)
		defer cancel()
		resp, err := client.Do(rig.AskOf(ctx, t, server.URL(), p, stream))
		if err == nil {
			var body bytes.Buffer
			_, err = io.Copy(&body, resp.Body)
			_ = resp.Body.Close()
			got.body = body.String()
		}
		got.ended = !errors.Is(err, context.DeadlineExceeded)
		client.CloseIdleConnections()
		synctest.Wait()
		for _, e := range server.Recorder().Events() {
			// who looks first is chance, where the client leaves as the response ends
			if e.Kind != timeline.ClientDisconnected {
				got.events += fmt.Sprintf("%s %s %s %s\n", e.At, e.Lane, e.Kind, e.Text)
			}
		}
	})
	return got
}

// mostBytes is more than any answer and any heap of faults of default size over it can send.
const mostBytes = 16 << 20

// TestTogetherAtRandom lays faults over each other at random: nothing blocks, nobody is left
// behind, what is sent has an end, and equal seeds send equal bytes at equal times.
func TestTogetherAtRandom(t *testing.T) {
	t.Parallel()
	var overlays, bases []fakeprovider.Fault
	for _, info := range fault.All() {
		switch _, overlay := info.Default.(fakeprovider.Overlay); {
		case !ours(info):
		case overlay:
			overlays = append(overlays, info.Default)
		default:
			bases = append(bases, info.Default)
		}
	}
	rapid.Check(t, func(r *rapid.T) {
		together := fakeprovider.Together(rapid.Permutation(overlays).Draw(r,
			"overlays")[:rapid.IntRange(1, 5).Draw(r, "n")])
		if len(together) == 1 || rapid.Bool().Draw(r, "has a base") {
			together = append(together, rapid.SampledFrom(bases).Draw(r, "base"))
		}
		if err := together.Validate(); err != nil {
			r.Skip(err)
		}
		p := rapid.SampledFrom(protocol.All()).Draw(r, "protocol")
		stream, seed := rapid.Bool().Draw(r, "stream"), rapid.Uint64().Draw(r, "seed")
		name := fakeprovider.NameOf(together)
		first := playRandom(t, p, together, stream, seed)
		if len(first.body) > mostBytes {
			r.Errorf("%s in %s: %d bytes were sent", name, p.Name(), len(first.body))
		}
		if again := playRandom(t, p, together, stream, seed); first != again {
			r.Errorf("%s in %s: the same seed sent\n%s\n%q\nand then\n%s\n%q", name, p.Name(), first.events, first.body,
				again.events, again.body)
		}
	})
}
