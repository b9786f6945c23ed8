package harness

import (
	"cmp"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"log"
	"math/rand/v2"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/chaosrun/chaosrun/fakeprovider"
	"github.com/chaosrun/chaosrun/scenarios"
)

// A venue is where a provider is served.
type venue struct {
	provider scenarios.Provider
	wire     fakeprovider.Protocol
	address  string
	listener net.Listener
	tls      *tls.Config
	// turns is nil if no warm-up comes first.
	turns *turns
}

// openVenues opens the addresses of the providers and lets the transport trust them. closeVenues
// undoes it.
func (st *stage) openVenues(transport *http.Transport) error {
	st.proxies = map[string]*url.URL{}
	secure, err := st.secure(transport)
	if err != nil {
		return err
	}
	for i, p := range st.scenario.Providers {
		if err := st.openVenue(i, p, secure); err != nil {
			return err
		}
	}
	return nil
}

// closeVenues stops the providers and waits for their goroutines.
func (st *stage) closeVenues() {
	st.stopServing()
	for _, v := range st.venues {
		if v.turns != nil {
			v.turns.Close()
		} else {
			_ = v.listener.Close() // it is closed already if it was served
		}
	}
	st.world.close()
}

// serve starts every provider with the entries and outages of one phase of the run.
func (st *stage) serve(entries func(scenarios.Provider) ([]fakeprovider.Fault, []fakeprovider.Outage)) {
	servers := map[string]*fakeprovider.Server{}
	for _, v := range st.venues {
		onRequest, outages := entries(v.provider)
		listener := v.listener
		if v.turns != nil {
			listener = v.turns.next()
		}
		servers[v.address] = fakeprovider.Serve(listener, fakeprovider.Options{
			Name: v.provider.Name, Protocol: v.wire, Others: st.options.words.Protocols, OnRequest: onRequest,
			Outages:  outages,
			Recorder: st.recorder, Seed: st.options.seed, Scale: 1 / st.world.speed(), TLS: v.tls,
			Budget:   st.options.budget,
			ErrorLog: log.New(&st.handshakes, "", 0),
			CallOf:   st.callOf, CallOfDial: st.callOfDial, Asked: st.asked,
			Watch: st.reached.watch(v.provider.Name, onRequest, outages),
		})
	}
	st.servers.Store(&servers)
}

// serveScenario starts the providers as the scenario says.
func (st *stage) serveScenario() {
	st.serve(func(p scenarios.Provider) ([]fakeprovider.Fault, []fakeprovider.Outage) {
		return p.OnRequest, st.outages(p)
	})
}

// stopServing ends every exchange and connection, and waits.
func (st *stage) stopServing() {
	if servers := st.servers.Swap(nil); servers != nil {
		for _, s := range *servers {
			s.Close()
		}
	}
}

// secure returns the TLS configuration of the providers, or nil if no provider needs TLS.
func (st *stage) secure(transport *http.Transport) (*tls.Config, error) {
	hosts := []string{"127.0.0.1", "localhost"}
	need := fakeprovider.NeedsNothing
	for i, p := range st.scenario.Providers {
		hosts = append(hosts, p.Name+".test")
		need = max(need, st.needs(st.entries(p)))
		if at, err := url.Parse(st.options.address(i).Advertise); err == nil && at.Hostname() != "" {
			hosts = append(hosts, at.Hostname())
		}
	}
	if host := st.options.host(); host != "" {
		hosts = append(hosts, host)
	}
	if need == fakeprovider.NeedsNothing {
		return nil, nil //nolint:nilnil // no provider needs TLS
	}
	config, ca, err := fakeprovider.NewTLS(hosts...)
	if err != nil {
		return nil, err //nolint:wrapcheck // it says what it is about
	}
	roots := x509.NewCertPool()
	if !roots.AppendCertsFromPEM(ca) {
		return nil, errors.New("the certificate of the run's own authority cannot be read")
	}
	st.lab.ca = ca
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
		if chance := rand.New(rand.NewPCG(st.options.seed, uint64(i))); o.Probability > 0 &&
			chance.Float64() >= o.Probability {
			continue
		}
		all = append(all, fakeprovider.Outage{Fault: o.Fault, Between: o.Between})
	}
	return all
}

// needs returns the most that any of the faults, or the target, needs of a connection.
func (st *stage) needs(entries []fakeprovider.Fault) fakeprovider.Need {
	most := fakeprovider.NeedsNothing
	if st.options.outside != nil && st.options.outside.TLS {
		most = fakeprovider.NeedsTLS
	}
	for _, entry := range entries {
		most = max(most, fakeprovider.Needs(entry))
	}
	return most
}

// openVenue opens the address of the ith provider. It speaks TLS with secure if one of its faults
// needs TLS.
func (st *stage) openVenue(i int, p scenarios.Provider, secure *tls.Config) error {
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
	switch st.needs(entries) {
	case fakeprovider.NeedsNothing:
		secure = nil
	case fakeprovider.NeedsHTTP2:
		secure = secure.Clone()
		secure.NextProtos = []string{"h2", "http/1.1"}
		fallthrough
	case fakeprovider.NeedsTLS:
		scheme, port = "https", "443"
	}
	at := st.options.address(i)
	listener, host, err := st.world.listen(p.Name, scheme, at.Listen)
	if err != nil {
		return err
	}
	v := venue{provider: p, wire: wire, address: host, listener: listener, tls: secure}
	if _, _, err := net.SplitHostPort(host); err != nil {
		v.address = net.JoinHostPort(host, port)
	}
	if st.options.warmUp() > 0 {
		v.turns = newTurns(listener)
	}
	if slices.ContainsFunc(entries, fakeprovider.Proxied) {
		st.proxies[host] = &url.URL{Scheme: "http", Host: v.address}
	}
	st.venues = append(st.venues, v)
	origin := cmp.Or(strings.TrimRight(at.Advertise, "/"), scheme+"://"+st.options.told(host))
	st.lab.upstreams = append(st.lab.upstreams, Upstream{
		Name: p.Name, Protocol: wire.Name(), URL: origin, BaseURL: origin + wire.About().BasePath,
		Key:   "sk-" + p.Name + "-0123456789abcdef",
		Model: modelOf(p.Name), HTTPClient: st.lab.client,
	})
	return nil
}

// dialer returns a dial function in which the faults of a provider act on the dials to it.
func (st *stage) dialer(next fakeprovider.DialFunc) fakeprovider.DialFunc {
	next = st.ofMachine(next)
	dial := func(ctx context.Context, network, address string) (net.Conn, error) {
		if servers := st.servers.Load(); servers != nil {
			if server := (*servers)[address]; server != nil {
				return server.Dial(ctx, network, address, next)
			}
		}
		return next(ctx, network, address)
	}
	return func(ctx context.Context, network, address string) (net.Conn, error) {
		if err := st.guard.enter(); err != nil {
			return nil, err
		}
		conn, err := dial(ctx, network, address)
		st.guard.dialed(err)
		return conn, err
	}
}
