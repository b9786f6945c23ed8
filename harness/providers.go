package harness

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"net/http"
	"net/url"
	"slices"

	"github.com/chaosrun/chaosrun/fakeprovider"
	"github.com/chaosrun/chaosrun/scenarios"
)

// startProviders starts the providers and lets the transport trust them. stop stops them and waits
// for their goroutines.
func (st *stage) startProviders(transport *http.Transport) (stop func(), err error) {
	st.servers, st.proxies = map[string]*fakeprovider.Server{}, map[string]*url.URL{}
	stop = func() {
		for _, s := range st.servers {
			s.Close()
		}
		st.world.close()
	}
	secure, err := st.secure(transport)
	if err != nil {
		return nil, err
	}
	for _, p := range st.scenario.Providers {
		if err := st.startProvider(p, secure); err != nil {
			stop()
			return nil, err
		}
	}
	return stop, nil
}

// secure returns the TLS configuration of the providers, or nil if no provider needs TLS.
func (st *stage) secure(transport *http.Transport) (*tls.Config, error) {
	var hosts []string
	need := fakeprovider.NeedsNothing
	for _, p := range st.scenario.Providers {
		hosts = append(hosts, p.Name+".test")
		need = max(need, needs(st.entries(p)))
	}
	if need == fakeprovider.NeedsNothing {
		return nil, nil //nolint:nilnil // no provider needs TLS
	}
	config, ca, err := fakeprovider.NewTLS(append(hosts, "127.0.0.1")...)
	if err != nil {
		return nil, err //nolint:wrapcheck // it says what it is about
	}
	roots := x509.NewCertPool()
	if !roots.AppendCertsFromPEM(ca) {
		return nil, errors.New("the certificate of the run's own authority cannot be read")
	}
	transport.TLSClientConfig = &tls.Config{RootCAs: roots, MinVersion: tls.VersionTLS12}
	transport.Proxy = func(r *http.Request) (*url.URL, error) { return st.proxies[r.URL.Host], nil }
	transport.ForceAttemptHTTP2 = need == fakeprovider.NeedsHTTP2
	return config, nil
}

// entries returns every fault that a provider may play: its own, and those of outages.
func (st *stage) entries(p scenarios.Provider) []fakeprovider.Fault {
	all := slices.Clone(p.OnRequest)
	for _, o := range st.outages(p) {
		all = append(all, o.Fault)
	}
	return all
}

// outages returns the outages of a provider in this run. Whether an outage happens is drawn once,
// for all of its providers.
func (st *stage) outages(p scenarios.Provider) []fakeprovider.Outage {
	var all []fakeprovider.Outage
	for i, o := range st.scenario.Outages {
		if len(o.Providers) > 0 && !slices.Contains(o.Providers, p.Name) {
			continue
		}
		if chance := rand.New(rand.NewPCG(st.options.seed, uint64(i))); o.Probability > 0 && chance.Float64() >= o.Probability {
			continue
		}
		all = append(all, fakeprovider.Outage{Fault: o.Fault, Between: o.Between})
	}
	return all
}

// needs returns the most that any of the faults needs of a connection.
func needs(entries []fakeprovider.Fault) fakeprovider.Need {
	most := fakeprovider.NeedsNothing
	for _, entry := range entries {
		most = max(most, fakeprovider.Needs(entry))
	}
	return most
}

// startProvider starts one provider. It speaks TLS with secure if one of its faults needs TLS.
func (st *stage) startProvider(p scenarios.Provider, secure *tls.Config) error {
	wire, ok := st.options.words.Protocol(protocolOf(p))
	if !ok {
		return fmt.Errorf("provider %s: %w: %q", p.Name, fakeprovider.ErrNoSuchProtocol, protocolOf(p))
	}
	entries := st.entries(p)
	for _, entry := range entries {
		if err := fakeprovider.Cannot(entry, st.world.kind()); err != nil {
			return fmt.Errorf("provider %s: %w", p.Name, err)
		}
	}
	scheme, port := "http", "80"
	switch needs(entries) {
	case fakeprovider.NeedsNothing:
		secure = nil
	case fakeprovider.NeedsHTTP2:
		secure = secure.Clone()
		secure.NextProtos = []string{"h2", "http/1.1"}
		fallthrough
	case fakeprovider.NeedsTLS:
		scheme, port = "https", "443"
	}
	listener, host, err := st.world.listen(p.Name, scheme)
	if err != nil {
		return err
	}
	address := host
	if _, _, err := net.SplitHostPort(host); err != nil {
		address = net.JoinHostPort(host, port)
	}
	if slices.ContainsFunc(entries, fakeprovider.Proxied) {
		st.proxies[host] = &url.URL{Scheme: "http", Host: address}
	}
	st.servers[address] = fakeprovider.Serve(listener, fakeprovider.Options{
		Name: p.Name, Protocol: wire, Others: st.options.words.Protocols, OnRequest: p.OnRequest, Outages: st.outages(p), Recorder: st.recorder, Seed: st.options.seed,
		Scale: 1 / st.world.speed(), TLS: secure,
		CallOf: func(*http.Request, []byte) int { return int(st.calls.Load()) },
	})
	st.lab.upstreams = append(st.lab.upstreams, Upstream{
		Name: p.Name, Protocol: wire.Name(), URL: scheme + "://" + host, BaseURL: scheme + "://" + host + wire.About().BasePath, Key: "sk-" + p.Name + "-0123456789abcdef",
		Model: p.Name + "-model", HTTPClient: st.lab.client,
	})
	return nil
}

// dialer returns a dial function in which the faults of a provider act on the dials to it.
func (st *stage) dialer(next fakeprovider.DialFunc) fakeprovider.DialFunc {
	return func(ctx context.Context, network, address string) (net.Conn, error) {
		if server := st.servers[address]; server != nil {
			return server.Dial(ctx, network, address, next)
		}
		return next(ctx, network, address)
	}
}
