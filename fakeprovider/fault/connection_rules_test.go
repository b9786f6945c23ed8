package fault_test

import (
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"io"
	"net"
	"net/http"
	"runtime"
	"slices"
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

// The refusal of the virtual world is the kernel's.
func TestRefusedIsWhatTheKernelSays(t *testing.T) {
	t.Parallel()
	listener, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := listener.Addr().String()
	_ = listener.Close() // nobody listens there now
	_, kernel := new(net.Dialer).DialContext(t.Context(), "tcp", address)
	p := fakeprovider.New(fakeprovider.Options{Protocol: protocol.OpenAIChat{}, OnRequest: []fakeprovider.Fault{fault.Refused{}}})
	defer p.Close()
	_, ours := p.Dial(t.Context(), "tcp", address, new(net.Dialer).DialContext)
	if !errors.Is(kernel, syscall.ECONNREFUSED) || !errors.Is(ours, syscall.ECONNREFUSED) || kernel.Error() != ours.Error() {
		t.Errorf("the kernel says %v, the fault %v", kernel, ours)
	}
}

// The errors of names are those of package net, by type and not by text alone.
func TestNamesFailAsPackageNetLetsThem(t *testing.T) {
	t.Parallel()
	tests := []struct {
		fault fakeprovider.Fault
		want  net.DNSError
	}{
		{fault.DNSNotFound{}, net.DNSError{Err: "no such host", Name: rig.VirtualHost, IsNotFound: true}},
		{fault.DNSServerFailure{}, net.DNSError{Err: "server misbehaving", Name: rig.VirtualHost, IsTemporary: true}},
		{fault.DNSSlow{}, net.DNSError{Err: "i/o timeout", Name: rig.VirtualHost, IsTimeout: true, IsTemporary: true}},
	}
	for _, tt := range tests {
		synctest.Test(t, func(t *testing.T) {
			s := rig.VirtualSite(t, tt.fault, protocol.OpenAIChat{}, true)
			ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
			defer cancel()
			_, err := s.Dial(ctx, "tcp", s.Address)
			dns, ok := errors.AsType[*net.DNSError](err)
			if !ok {
				t.Fatalf("%T: %v", tt.fault, err)
			}
			if diff := cmp.Diff(tt.want, *dns, cmp.AllowUnexported(net.DNSError{})); diff != "" {
				t.Errorf("%T (-want +got):\n%s", tt.fault, diff)
			}
		})
	}
}

// net/http dials on when the request that wanted the connection has been given up, until nobody keeps the transport's idle
// connections any more; the dial ends then.
func TestADialEndsWithItsTransport(t *testing.T) {
	t.Parallel()
	for _, fault := range []fakeprovider.Fault{fault.ConnectBlackhole{}, fault.DNSSlow{}} {
		synctest.Test(t, func(t *testing.T) {
			s := rig.VirtualSite(t, fault, protocol.OpenAIChat{}, true)
			client, closeIdle := s.Client()
			ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
			defer cancel()
			if _, _, err := rig.Exchange(t, client, s.Request(t).WithContext(ctx)); !errors.Is(err, context.DeadlineExceeded) {
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

// The kernel gives up in the end, whatever the client does.
func TestABlackholeEndsWithTheKernel(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := rig.VirtualSite(t, fault.ConnectBlackhole{}, protocol.OpenAIChat{}, true)
		start := time.Now()
		if _, err := s.Dial(t.Context(), "tcp", s.Address); !errors.Is(err, syscall.ETIMEDOUT) || time.Since(start) != 127*time.Second {
			t.Errorf("%v after %s", err, time.Since(start))
		}
	})
}

// A fault that acts before HTTP gets a connection of its own: the response before it closes the one that there is.
func TestAConnectionIsClosedBeforeAFaultOfTheNext(t *testing.T) {
	t.Parallel()
	for _, next := range []fakeprovider.Fault{fault.RequestUnread{}, fault.Refused{}} {
		synctest.Test(t, func(t *testing.T) {
			s := rig.VirtualSiteOf(t, fakeprovider.Options{Name: "primary", OnRequest: []fakeprovider.Fault{fakeprovider.Healthy{}, next}})
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

// A request that arrives on a connection that was open already is cut, and the fault waits for the connection that follows.
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
		if _, _, err := rig.Exchange(t, client, s.Request(t).WithContext(ctx)); !errors.Is(err, context.DeadlineExceeded) {
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
			if diff := cmp.Diff(kinds, rig.Lane(s.Recorder().Events(), timeline.ProviderLane("primary", 1, i+2))); diff != "" {
				t.Errorf("attempt %d (-want +got):\n%s", i+2, diff)
			}
		}
	})
}

// A connection that has not idled for long enough is not stale, nor is a new one.
func TestStaleKeepAliveAfterAWhile(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := rig.VirtualSite(t, fault.StaleKeepAlive{Idle: 5 * time.Minute, How: fakeprovider.Cut}, protocol.OpenAIChat{}, true)
		client, closeIdle := s.Client()
		defer closeIdle()
		for _, step := range []struct {
			pause time.Duration
			want  error
		}{{0, nil}, {4 * time.Minute, nil}, {6 * time.Minute, io.EOF}, {0, nil}} {
			time.Sleep(step.pause) // virtual
			if _, _, err := rig.Exchange(t, client, s.Request(t)); !errors.Is(err, step.want) {
				t.Errorf("after %s: %v, want %v", step.pause, err, step.want)
			}
		}
	})
}

// What breaks off in the middle of a body that is not streamed sends half of it, and has not declared it complete.
func TestHalfOfAWholeBody(t *testing.T) {
	t.Parallel()
	for _, protocol := range protocol.All() {
		synctest.Test(t, func(t *testing.T) {
			whole := rig.VirtualSite(t, fakeprovider.Healthy{}, protocol, false).Observe(t).BytesRead()
			_, whole, _ = bytes.Cut(whole, []byte("\r\n\r\n"))
			for _, fault := range []fakeprovider.Fault{fault.EarlyEnd{}, fault.ResetMidBody{}} {
				s := rig.VirtualSiteOf(t, fakeprovider.Options{
					Name: "primary", Protocol: protocol, OnRequest: []fakeprovider.Fault{fault}, Seed: 1, FixedIDs: true,
				})
				s.Stream = false
				client, closeIdle := s.Client()
				resp, body, err := rig.Exchange(t, client, s.Request(t))
				closeIdle()
				if resp == nil || !strings.Contains(string(whole), body) || len(body) == 0 || len(body) > len(whole)*2/3 {
					t.Errorf("%s, %T: %v, %d of %d bytes", protocol.Name(), fault, err, len(body), len(whole))
				}
				if kinds := rig.Lane(s.Recorder().Events(), timeline.ProviderLane("primary", 1, 1)); slices.Contains(kinds, timeline.FinishSent) {
					t.Errorf("%s, %T: half of an answer counts as finished: %v", protocol.Name(), fault, kinds)
				}
				s.Close()
			}
		})
	}
}

// Latency delays and changes nothing: the same bytes in the same order, each late by the delay and up to the jitter.
func TestLatencyKeepsTheOrder(t *testing.T) {
	t.Parallel()
	look := func(fault fakeprovider.Fault) (o rig.Observation) {
		synctest.Test(t, func(t *testing.T) { o = rig.VirtualSite(t, fault, protocol.OpenAIChat{}, true).Observe(t) })
		return o
	}
	const delay, jitter = 3 * time.Second, 400 * time.Millisecond
	plain, even := look(fault.Latency{Delay: time.Nanosecond}), look(fault.Latency{Delay: delay})
	if len(plain.Arrivals) != len(even.Arrivals) {
		t.Fatalf("%d arrivals became %d", len(plain.Arrivals), len(even.Arrivals))
	}
	for i, a := range even.Arrivals {
		if a.At-plain.Arrivals[i].At != delay-time.Nanosecond || !bytes.Equal(a.Bytes, plain.Arrivals[i].Bytes) {
			t.Errorf("arrival %d came at %s instead of %s", i, a.At, plain.Arrivals[i].At)
		}
	}
	uneven := look(fault.Latency{Delay: delay, Jitter: jitter})
	if !bytes.Equal(uneven.BytesRead(), plain.BytesRead()) {
		t.Error("jitter changes the bytes or their order")
	}
	if uneven.Text(true) == even.Text(true) || uneven.EndAt < even.EndAt || uneven.EndAt > even.EndAt+jitter {
		t.Errorf("with jitter it ends at %s, without at %s", uneven.EndAt, even.EndAt)
	}
}

// A client that does not look is answered, so that engines which switch the check off are found out.
func TestCertificatesAreOnlyLookedAt(t *testing.T) {
	t.Parallel()
	for _, fault := range []fakeprovider.Fault{fault.TLSExpiredCertificate{}, fault.TLSWrongHost{}, fault.TLSUnknownAuthority{}} {
		synctest.Test(t, func(t *testing.T) {
			s := rig.VirtualSite(t, fault, protocol.OpenAIChat{}, true)
			transport := &http.Transport{DialContext: s.Dial, TLSClientConfig: &tls.Config{InsecureSkipVerify: true}}
			defer transport.CloseIdleConnections()
			if _, body, err := rig.Exchange(t, &http.Client{Transport: transport}, s.Request(t)); err != nil || !strings.Contains(body, "[DONE]") {
				t.Errorf("%T: %v, %q", fault, err, body)
			}
		})
	}
}

func TestTLSAlerts(t *testing.T) {
	t.Parallel()
	seen := map[string]string{}
	for _, alert := range fault.TLSAlerts() {
		synctest.Test(t, func(t *testing.T) {
			end := rig.VirtualSite(t, fault.TLSAlert{Alert: alert}, protocol.OpenAIChat{}, true).Observe(t).End
			if !strings.HasPrefix(end, "handshake: remote error: tls: ") || seen[end] != "" {
				t.Errorf("%s: %q, as %s", alert, end, seen[end])
			}
			seen[end] = alert
		})
	}
}

// Behind a proxy that has once refused, the provider is reached through the tunnel.
func TestATunnelLeadsToTheProvider(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		o, roots := rig.SiteOptions(t, fault.ProxyRefuses{}, protocol.OpenAIChat{}, rig.VirtualHost, 1)
		o.OnRequest = []fakeprovider.Fault{fault.ProxyRefuses{Status: http.StatusForbidden}, fault.TLSAlert{}, fakeprovider.Healthy{}}
		s := rig.VirtualSiteOf(t, o)
		s.Fault, s.Roots = fault.ProxyRefuses{}, roots
		client, closeIdle := s.Client()
		defer closeIdle()
		for _, want := range []string{"Forbidden", "tls: handshake failure"} {
			if _, _, err := rig.Exchange(t, client, s.Request(t)); err == nil || !strings.HasSuffix(err.Error(), want) {
				t.Errorf("got %v, want %s", err, want)
			}
		}
		if _, body, err := rig.Exchange(t, client, s.Request(t)); err != nil || !strings.Contains(body, "[DONE]") {
			t.Errorf("%v, %q", err, body)
		}
		// Who takes the proxy for the provider gets nothing from it.
		direct := &http.Transport{DialContext: s.Dial}
		defer direct.CloseIdleConnections()
		r := rig.Ask(t.Context(), t, "http://"+s.Address+"/v1/chat/completions", true)
		if _, _, err := rig.Exchange(t, &http.Client{Transport: direct}, r); err == nil {
			t.Error("a request without a tunnel was answered")
		}
	})
}

// TestAbandonedOverTCP wants a provider that reads nothing to notice that the client has gone: through Provider.Dial also where the
// FIN waits behind bytes for which there is no room, and on Linux wherever it arrives.
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
