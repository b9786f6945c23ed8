package harness_test

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/chaosrun/chaosrun/assertions"
	"github.com/chaosrun/chaosrun/fakeprovider/fault"
	"github.com/chaosrun/chaosrun/harness"
	"github.com/chaosrun/chaosrun/harness/harnesstest"
	"github.com/chaosrun/chaosrun/scenarios"
)

// through returns plain engines with a transport of their own.
func through(own func(harness.Lab) *http.Transport) harness.Factory {
	return func(lab harness.Lab) harness.Target {
		transport := own(lab)
		client := &http.Client{Transport: transport}
		upstreams := lab.Upstreams()
		for i := range upstreams {
			upstreams[i].HTTPClient = client
		}
		plain := harnesstest.Plain(harness.NewLab(harness.LabOptions{
			Context: lab.Context(), Upstreams: upstreams, HTTPClient: client, Scale: lab.Scale(),
		}))
		return harness.TargetFunc(func(ctx context.Context, req harness.Request, emit func(harness.Delta)) error {
			defer transport.CloseIdleConnections()
			return plain.Call(ctx, req, emit)
		})
	}
}

// TestRealNetwork: an engine that uses the machine's network in virtual time is told of by name,
// and nothing that it sends arrives.
func TestRealNetwork(t *testing.T) {
	var met atomic.Int64
	server := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { met.Add(1) }))
	defer server.Close()
	const ways = "use Lab.HTTPClient or Lab.DialContext, or --clock x60"
	tests := map[string]struct {
		engine harness.Factory
		want   assertions.Verdict
		says   []string
	}{
		"own transport": {
			through(func(harness.Lab) *http.Transport { return new(http.Transport) }), assertions.Unknown,
			[]string{"looks up primary.test", ways},
		},
		"own dialer": {primary(func(ctx context.Context, u harness.Upstream, _ func(harness.Delta)) error {
			_, err := new(net.Dialer).DialContext(ctx, "tcp", strings.TrimPrefix(u.URL, "http://")+":80")
			return err
		}), assertions.Unknown, []string{"looks up primary.test", ways}},
		"own dialer without a context": {primary(func(_ context.Context, u harness.Upstream,
			_ func(harness.Delta),
		) error {
			_, err := net.DialTimeout("tcp", strings.TrimPrefix(u.URL, "http://")+":80", time.Second)
			return err
		}), assertions.Unknown, []string{"looks up primary.test", ways}},
		"a server of the machine": {also(func(ctx context.Context) {
			req, err := http.NewRequestWithContext(ctx, http.MethodGet, server.URL, nil)
			if err == nil {
				_, err = new(http.Client).Do(req)
			}
			_ = err // such an engine goes on without it
		}), assertions.Unknown, []string{"connects to 127.0.0.1:", ways}},
		"own transport, the Lab's dialer": {
			through(func(lab harness.Lab) *http.Transport { return &http.Transport{DialContext: lab.DialContext} }),
			assertions.Passed, nil,
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			blames(t, harness.RunScenario(shipped("healthy"), test.engine), test.want, test.says...)
		})
	}
	if met.Load() != 0 {
		t.Errorf("%d requests reached a real server", met.Load())
	}
}

// TestOwnTLS: an engine that does not trust the authority of the run was not wrong about a fault.
func TestOwnTLS(t *testing.T) {
	own := func(trust bool) harness.Factory {
		return through(func(lab harness.Lab) *http.Transport {
			roots := x509.NewCertPool()
			if trust {
				roots.AppendCertsFromPEM(lab.CA())
			}
			return &http.Transport{
				DialContext:     lab.DialContext,
				TLSClientConfig: &tls.Config{RootCAs: roots, MinVersion: tls.VersionTLS12},
			}
		})
	}
	broken := scenarios.OfFault("tls", fault.TLSBadRecord{After: 1})
	for _, clock := range []harness.Clock{harness.Virtual(), harness.Accelerated(60)} {
		run := harness.RunScenario(broken, own(false), harness.WithClock(clock))
		blames(t, run, assertions.Unknown, "the engine never asked primary", "does not trust", "Lab.CA")
		run = harness.RunScenario(broken, own(true), harness.WithClock(clock), harness.WithExpect(assertions.Answer{
			Outcome: assertions.Outcomes{"answered"},
		}))
		blames(t, run, assertions.Passed)
	}
}

// TestEnv: the variables lead an SDK to the first provider of its vendor.
func TestEnv(t *testing.T) {
	var env []string
	harness.RunScenario(shipped("healthy"), func(lab harness.Lab) harness.Target {
		env = lab.Env()
		return harnesstest.Plain(lab)
	})
	for _, want := range []string{
		"OPENAI_BASE_URL=http://primary.test/v1", "OPENAI_API_KEY=sk-primary-0123456789abcdef",
	} {
		if !slices.Contains(env, want) {
			t.Errorf("%s is not in %v", want, env)
		}
	}
}

// TestLookupsSideBySide: package net lets goroutines that look up one name wait for one answer, and
// to answer another run is a fatal error. With the context of the call no lookup begins.
func TestLookupsSideBySide(t *testing.T) {
	var all sync.WaitGroup
	for range 100 {
		all.Go(func() {
			run := harness.RunScenario(shipped("healthy"),
				primary(func(ctx context.Context, _ harness.Upstream, _ func(harness.Delta)) error {
					_, err := new(net.Dialer).DialContext(ctx, "tcp", "primary.test:80")
					return err
				}))
			if run.Verdict() != assertions.Unknown {
				t.Errorf("the run is %s", run.Verdict())
			}
		})
	}
	all.Wait()
}
