package fakeprovider_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/chaosrun/chaosrun/fakeprovider"
	"github.com/chaosrun/chaosrun/fakeprovider/fault"
	"github.com/chaosrun/chaosrun/fakeprovider/internal/rig"
	"github.com/chaosrun/chaosrun/fakeprovider/protocol"
	"github.com/chaosrun/chaosrun/timeline"
)

const FirstAttempt = "provider/primary/call-1/attempt-1"

// endings returns what a plain client sees of each ending, in the middle of a stream and before
// its head.
func endings() []struct {
	how          fakeprovider.Ending
	kind         timeline.Kind
	stream, head func(error) bool
} {
	is := func(want error) func(error) bool { return func(err error) bool { return errors.Is(err, want) } }
	return []struct {
		how          fakeprovider.Ending
		kind         timeline.Kind
		stream, head func(error) bool
	}{
		{fakeprovider.EOF, timeline.ResponseEnded, is(nil), is(nil)},
		{fakeprovider.Cut, timeline.ConnectionCut, is(io.ErrUnexpectedEOF), is(io.EOF)},
		{fakeprovider.Reset, timeline.ConnectionReset, is(syscall.ECONNRESET), is(syscall.ECONNRESET)},
	}
}

func testEndings(t *testing.T, serve func(*testing.T, fakeprovider.Options) (*fakeprovider.Server, *http.Client),
	p fakeprovider.Protocol,
) {
	t.Helper()
	for _, e := range endings() {
		for _, stream := range []bool{true, false} {
			server, client := serve(t, fakeprovider.Options{
				Name: "primary", Protocol: p,
				OnRequest: rig.Script(fakeprovider.Text{Value: "half an"}, fakeprovider.End{How: e.how}),
			})
			resp, body, err := rig.Exchange(t, client, rig.AskOf(t.Context(), t, server.URL(), p, stream))
			if !e.stream(err) {
				t.Errorf("%s, stream %t: error is %v", e.how, stream, err)
			}
			if resp == nil || resp.StatusCode != http.StatusOK {
				t.Fatalf("%s, stream %t: no 200", e.how, stream)
			}
			if stream && !strings.Contains(body, " an") {
				t.Errorf("%s: body is %q, want both tokens", e.how, body)
			}
			kinds := rig.Lane(server.Recorder().Events(), FirstAttempt)
			if last := kinds[len(kinds)-1]; last != e.kind {
				t.Errorf("%s, stream %t: recorded %v", e.how, stream, kinds)
			}
		}
		server, client := serve(t, fakeprovider.Options{
			Name: "primary", Protocol: p, OnRequest: rig.Script(fakeprovider.End{How: e.how}),
		})
		_, _, err := rig.Exchange(t, client, rig.AskOf(t.Context(), t, server.URL(), p, true))
		if !e.head(err) {
			t.Errorf("%s before the head: error is %v", e.how, err)
		}
	}
}

func TestEndingsInMemory(t *testing.T) {
	t.Parallel()
	for _, p := range protocol.All() {
		t.Run(p.Name(), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) { testEndings(t, rig.ServeInMemory, p) })
		})
	}
}

func TestEndingsOverTCP(t *testing.T) {
	t.Parallel()
	for _, p := range protocol.All() {
		t.Run(p.Name(), func(t *testing.T) { testEndings(t, rig.ServeOnLoopback, p) })
	}
}

func TestHangLastsUntilTheClientGoes(t *testing.T) {
	t.Parallel()
	for _, f := range []fakeprovider.Fault{
		fault.NoResponse{}, fault.Silence{}, fault.HeartbeatOnly{}, fault.SlowTrickle{},
	} {
		synctest.Test(t, func(t *testing.T) {
			server, client := rig.ServeInMemory(t, fakeprovider.Options{
				Name: "primary", OnRequest: []fakeprovider.Fault{f},
			})
			ctx, cancel := context.WithTimeout(t.Context(), 2*time.Hour)
			defer cancel()
			_, body, err := rig.Exchange(t, client, rig.Ask(ctx, t, server.URL()+"/v1/chat/completions", true))
			if !errors.Is(err, context.DeadlineExceeded) {
				t.Errorf("%T: error is %v, want the client's own", f, err)
			}
			if _, trickles := f.(fault.SlowTrickle); strings.Contains(body, "data:") != trickles {
				t.Errorf("%T: body begins with %.80q", f, body)
			}
			synctest.Wait()
			events := server.Recorder().Events()
			kinds := rig.Lane(events, FirstAttempt)
			if kinds[len(kinds)-1] != timeline.ClientDisconnected {
				t.Errorf("%T: the disconnect was not recorded: %v", f, kinds[max(0, len(kinds)-5):])
			}
			if at := rig.LastAt(events, FirstAttempt); at != 2*time.Hour {
				t.Errorf("%T: the disconnect was recorded at %s, want 2h", f, at)
			}
		})
	}
}

func TestHeartbeatsKeepTheirTimes(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		server, client := rig.ServeInMemory(t, fakeprovider.Options{
			Name: "primary", OnRequest: []fakeprovider.Fault{fault.HeartbeatOnly{}},
		})
		ctx, cancel := context.WithTimeout(t.Context(), 15*time.Minute)
		defer cancel()
		_, body, _ := rig.Exchange(t, client, rig.Ask(ctx, t, server.URL()+"/v1/chat/completions", true))
		synctest.Wait()
		events := server.Recorder().Events()
		beat := events[2]
		if beat.Kind != timeline.HeartbeatSent || beat.Count != 90 || beat.Until-beat.At != 890*time.Second {
			t.Errorf("got %+v, want 90 heartbeats 10 s apart", beat)
		}
		if got := strings.Count(body, ": keep-alive\n\n"); got != beat.Count {
			t.Errorf("the client saw %d heartbeats, recorded are %d", got, beat.Count)
		}
		if beat.At < time.Millisecond || beat.At > 9*time.Millisecond {
			t.Errorf("the phase is %s, want 1 to 9 ms", beat.At)
		}
	})
}

// TestADisconnectIsSeenOverTCP checks that a disconnect over TCP is seen within 100 ms. The fastest
// of a few looks counts: a busy machine is late, and a provider that looks too rarely always is.
func TestADisconnectIsSeenOverTCP(t *testing.T) {
	t.Parallel()
	fastest := time.Hour
	for range 10 {
		if fastest = min(fastest, disconnectSeenAfter(t)); fastest <= 100*time.Millisecond {
			return
		}
	}
	t.Errorf("it took %s at best, want 100 ms at most", fastest)
}

// disconnectSeenAfter returns the time from a client's disconnect until the provider records it.
func disconnectSeenAfter(t *testing.T) time.Duration {
	t.Helper()
	server, client := rig.ServeOnLoopback(t, fakeprovider.Options{
		Name: "primary", OnRequest: []fakeprovider.Fault{fault.Silence{}},
	})
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	resp, err := client.Do(rig.AskOf(ctx, t, server.URL(), protocol.OpenAIChat{}, true))
	if err != nil {
		t.Fatal(err)
	}
	before := server.Recorder().Elapsed()
	cancel()
	_, _ = io.ReadAll(resp.Body)
	// The kernel tells the server; there is nothing to wait on but the recorder.
	deadline := time.After(5 * time.Second)
	for rig.LastKind(server) != timeline.ClientDisconnected {
		select {
		case <-deadline:
			t.Fatalf("not seen: %v", server.Recorder().Events())
		case <-time.After(time.Millisecond):
		}
	}
	return rig.LastAt(server.Recorder().Events(), rig.FirstAttempt) - before
}

// TestCloseIsNoDisconnect checks that a provider that is closed records no disconnect of its
// client.
func TestCloseIsNoDisconnect(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		server, client := rig.ServeInMemory(t, fakeprovider.Options{
			Name: "primary", OnRequest: []fakeprovider.Fault{fault.Silence{}},
		})
		go func() {
			time.Sleep(time.Minute) // virtual time
			server.Close()
		}()
		_, _, err := rig.Exchange(t, client, rig.Ask(t.Context(), t, server.URL()+"/v1/chat/completions", true))
		if !errors.Is(err, io.ErrUnexpectedEOF) {
			t.Errorf("error is %v, want unexpected EOF", err)
		}
		want := []timeline.Kind{timeline.RequestReceived, timeline.HeadersSent, timeline.ConnectionHeld}
		if diff := cmp.Diff(want, rig.Lane(server.Recorder().Events(), FirstAttempt)); diff != "" {
			t.Errorf("lane (-want +got):\n%s", diff)
		}
	})
}
