package fault_test

import (
	"context"
	"errors"
	"io"
	"net"
	"runtime"
	"strings"
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

// net/http dials on when the request that wanted the connection has been given up, until nobody
// keeps the transport's idle connections any more; the dial ends then.
func TestADialEndsWithItsTransport(t *testing.T) {
	t.Parallel()
	for _, fault := range []fakeprovider.Fault{fault.ConnectBlackhole{}, fault.DNSSlow{}} {
		synctest.Test(t, func(t *testing.T) {
			s := rig.VirtualSite(t, fault, protocol.OpenAIChat{}, true)
			client, closeIdle := s.Client()
			ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
			defer cancel()
			_, _, err := rig.Exchange(t, client, s.Request(t).WithContext(ctx))
			if !errors.Is(err, context.DeadlineExceeded) {
				t.Errorf("got %v", err)
			}
			synctest.Wait()
			name := timeline.ProviderLane("primary", 1, 1)
			want := []timeline.Kind{timeline.ConnectStarted, timeline.FaultInjected}
			if diff := cmp.Diff(want, rig.Lane(s.Recorder().Events(), name)); diff != "" {
				t.Errorf("given up (-want +got):\n%s", diff)
			}
			closeIdle()
			synctest.Wait()
			events := s.Recorder().Events()
			if diff := cmp.Diff(append(want, timeline.ConnectFailed), rig.Lane(events, name)); diff != "" {
				t.Errorf("closed (-want +got):\n%s", diff)
			}
			if got := rig.Texts(events, timeline.ConnectFailed); !strings.HasSuffix(got[0], "operation was canceled") {
				t.Errorf("it failed with %q", got)
			}
		})
	}
}

// A fault that acts before HTTP gets a connection of its own: the response before it closes the
// one that there is.
func TestAConnectionIsClosedBeforeAFaultOfTheNext(t *testing.T) {
	t.Parallel()
	for _, next := range []fakeprovider.Fault{fault.RequestUnread{}, fault.Refused{}} {
		synctest.Test(t, func(t *testing.T) {
			s := rig.VirtualSiteOf(t, fakeprovider.Options{
				Name: "primary", OnRequest: []fakeprovider.Fault{fakeprovider.Healthy{}, next},
			})
			client, closeIdle := s.Client()
			defer closeIdle()
			resp, _, err := rig.Exchange(t, client, s.Request(t))
			if err != nil || !resp.Close {
				t.Fatalf("%v: the response keeps the connection: %+v", err, resp)
			}
			ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
			defer cancel()
			if _, _, err := rig.Exchange(t, client, s.Request(t).WithContext(ctx)); err == nil {
				t.Error("the next request was answered")
			}
		})
	}
}

// A request that arrives on a connection that was open already is cut, and the fault waits for the
// connection that follows.
func TestARequestOnAnOpenConnectionIsCut(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := rig.VirtualSiteOf(t, fakeprovider.Options{Name: "primary"})
		client, closeIdle := s.Client()
		defer closeIdle()
		if _, _, err := rig.Exchange(t, client, s.Request(t)); err != nil {
			t.Fatal(err)
		}
		s.OnRequest(fault.RequestUnread{}, fakeprovider.Healthy{})
		if _, _, err := rig.Exchange(t, client, s.Request(t)); !errors.Is(err, io.EOF) {
			t.Errorf("on the open connection: %v, want EOF", err)
		}
		ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
		defer cancel()
		_, _, err := rig.Exchange(t, client, s.Request(t).WithContext(ctx))
		if !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("on the next: %v", err)
		}
		if _, body, err := rig.Exchange(t, client, s.Request(t)); err != nil || !strings.Contains(body, "[DONE]") {
			t.Errorf("on the one after: %v, %q", err, body)
		}
		want := [][]timeline.Kind{
			{timeline.RequestReceived, timeline.ConnectionCut},
			{timeline.ConnectionAccepted, timeline.FaultInjected, timeline.ConnectionHeld, timeline.ClientDisconnected},
		}
		for i, kinds := range want {
			diff := cmp.Diff(kinds, rig.Lane(s.Recorder().Events(), timeline.ProviderLane("primary", 1, i+2)))
			if diff != "" {
				t.Errorf("attempt %d (-want +got):\n%s", i+2, diff)
			}
		}
	})
}

// TestAbandonedOverTCP wants a provider that reads nothing to notice that the client has gone:
// through Provider.Dial also where the FIN waits behind bytes for which there is no room, and on
// Linux wherever it arrives.
func TestAbandonedOverTCP(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name    string
		outside bool // a client that dials by itself
		much    bool
	}{{"little", false, false}, {"more than there is room for", false, true}, {"little, from outside", true, false}}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if tt.outside && runtime.GOOS != "linux" {
				t.Skip("only Linux tells of a FIN that nobody reads")
			}
			over := make(chan timeline.Kind, 1)
			server, err := fakeprovider.Start(fakeprovider.Options{
				Protocol:  protocol.OpenAIChat{},
				OnRequest: []fakeprovider.Fault{fault.RequestUnread{}},
				Watch:     func(fakeprovider.Visit) func(timeline.Kind) { return func(k timeline.Kind) { over <- k } },
			})
			if err != nil {
				t.Fatal(err)
			}
			defer server.Close()
			address := strings.TrimPrefix(server.URL(), "http://")
			dial := func() (net.Conn, error) { return server.Dial(t.Context(), "tcp", address, rig.DialTCP) }
			if tt.outside {
				dial = func() (net.Conn, error) { return rig.DialTCP(t.Context(), "tcp", address) }
			}
			conn, err := dial()
			if err != nil {
				t.Fatal(err)
			}
			data := []byte("POST / HTTP/1.1\r\n")
			if tt.much {
				data = make([]byte, 16<<20)
				_ = conn.SetWriteDeadline(time.Now().Add(200 * time.Millisecond))
			}
			if n, err := conn.Write(data); tt.much != (err != nil) {
				t.Errorf("wrote %d of %d bytes: %v", n, len(data), err)
			}
			select {
			case <-over:
				t.Error("it ended before the client went away")
			default:
			}
			_ = conn.Close()
			<-over // or the test never ends
		})
	}
}
