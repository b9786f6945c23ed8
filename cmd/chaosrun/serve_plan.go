package main

import (
	"context"
	"crypto/tls"
	"errors"
	"net"
	"net/url"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"syscall"

	"github.com/chaosrun/chaosrun/fakeprovider"
	"github.com/chaosrun/chaosrun/fakeprovider/protocol"
	"github.com/chaosrun/chaosrun/scenarios"
	"github.com/chaosrun/chaosrun/serve"
)

// A servePlan is what a command line asks to be served, checked before the first port is opened.
type servePlan struct {
	name  string
	stood []*stood
	admin net.Listener
	tls   *tls.Config
	// ca is where the authority's certificate stands, remove where it has to be removed from.
	ca, remove string
}

// stood is one provider of the plan.
type stood struct {
	name     string
	protocol fakeprovider.Protocol
	entries  []fakeprovider.Fault
	// address is where to listen, and advertise what clients are told instead of it.
	address, advertise string
	listener           net.Listener
	url                string
}

func (k *serveCmd) plan() (*servePlan, error) {
	protocol, err := findProtocol(k.Protocol)
	if err != nil {
		return nil, err
	}
	if err := k.checkPorts(); err != nil {
		return nil, err
	}
	var upstreams []upstream
	if k.Target != "" {
		if upstreams, err = readUpstreams(k.Target); err != nil {
			return nil, err
		}
		if k.Port != 0 {
			return nil, usage("--port and --target both say where to listen")
		}
	}
	p := &servePlan{}
	switch {
	case len(k.What) == 0 && k.Target == "":
		return nil, usage("serve what? A scenario, NAME=FAULT pairs, or --target FILE; see: chaosrun serve --help")
	case len(k.What) == 0:
		p.healthy(len(upstreams))
	case slices.ContainsFunc(k.What, isPair):
		err = p.pairs(k.What)
	default:
		err = p.scenario(k.What)
	}
	if err != nil {
		return nil, err
	}
	if k.Target != "" && len(upstreams) < len(p.stood) {
		return nil, usage("%s has %d upstreams, too few for %d providers", k.Target, len(upstreams), len(p.stood))
	}
	if err := p.place(k, upstreams, protocol); err != nil {
		return nil, err
	}
	if err := p.servable(k.TLS); err != nil {
		return nil, err
	}
	return p, nil
}

// servable refuses faults that cannot be served, or that need what was not asked for.
func (p *servePlan) servable(secure bool) error {
	for _, one := range p.stood {
		for _, entry := range one.entries {
			if err := fakeprovider.Cannot(entry, fakeprovider.WorldServe); err != nil {
				return usage("%s: %v", one.name, err)
			}
			if fakeprovider.Needs(entry) != fakeprovider.NeedsNothing && !secure {
				return usage("%s: the fault %s needs TLS: add --tls", one.name, fakeprovider.NameOf(entry))
			}
		}
		frames := slices.IndexFunc(one.entries, func(p fakeprovider.Fault) bool { return fakeprovider.Needs(p) == fakeprovider.NeedsHTTP2 })
		wire := slices.IndexFunc(one.entries, fakeprovider.NeedsHTTP1)
		if frames >= 0 && wire >= 0 {
			return usage("%s: the fault %s needs HTTP/2 and the fault %s HTTP/1.1: give them to two providers", one.name,
				fakeprovider.NameOf(one.entries[frames]), fakeprovider.NameOf(one.entries[wire]))
		}
	}
	return nil
}

func (k *serveCmd) checkPorts() error {
	const highest = 65535
	for flag, port := range map[string]int{"--port": k.Port, "--admin-port": k.AdminPort} {
		if port < 0 || port > highest {
			return usage("%s %d: a port is a number from 1 to %d", flag, port, highest)
		}
	}
	if k.Drain < 0 {
		return usage("--drain %s: it cannot be negative", k.Drain)
	}
	return nil
}

func findProtocol(name string) (fakeprovider.Protocol, error) {
	found, err := protocol.ByName(name)
	if err != nil {
		var names []string
		for _, p := range protocol.All() {
			names = append(names, p.Name())
		}
		return nil, usage("no such protocol: %q%s", name, didYouMean(name, names))
	}
	return found, nil
}

// healthy serves upstreams of which nobody said what they do.
func (p *servePlan) healthy(n int) {
	p.name = "healthy"
	for i := range n {
		p.stood = append(p.stood, &stood{name: "upstream-" + strconv.Itoa(i+1)})
	}
}

// providerName is what a provider may be called, as in scenarios.
var providerName = regexp.MustCompile(`^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$`)

func (p *servePlan) pairs(args []string) error {
	p.name = strings.Join(args, " ")
	for _, arg := range args {
		name, fault, ok := strings.Cut(arg, "=")
		switch {
		case !ok:
			return usage("%q stands among NAME=FAULT pairs and is none", arg)
		case !providerName.MatchString(name):
			return usage("%q: a provider's name is made of small letters, digits and hyphens", arg)
		case slices.ContainsFunc(p.stood, func(have *stood) bool { return have.name == name }):
			return usage("there are two providers called %q", name)
		}
		preset, err := scenarios.ParseFault(fault)
		if err != nil {
			return usage("%s: %v", arg, err)
		}
		p.stood = append(p.stood, &stood{name: name, entries: []fakeprovider.Fault{preset}})
	}
	return nil
}

func (p *servePlan) scenario(args []string) error {
	found, err := selectScenarios(args)
	if err != nil {
		return err
	}
	if len(found) != 1 {
		return usage("%d scenarios are meant; one can be served at a time", len(found))
	}
	p.name = found[0].Name
	for _, provider := range found[0].Providers {
		one := &stood{name: provider.Name, entries: provider.OnRequest}
		if provider.Protocol != "" {
			if one.protocol, err = findProtocol(provider.Protocol); err != nil {
				return err
			}
		}
		p.stood = append(p.stood, one)
	}
	return nil
}

// place says where each provider listens and what it speaks: a scenario's own protocol before the upstream's before --protocol.
func (p *servePlan) place(k *serveCmd, upstreams []upstream, protocol fakeprovider.Protocol) error {
	for i, one := range p.stood {
		one.address = net.JoinHostPort(k.Listen, "0")
		if k.Port != 0 {
			one.address = net.JoinHostPort(k.Listen, strconv.Itoa(k.Port+i))
		}
		if i < len(upstreams) {
			one.address, one.advertise = upstreams[i].Listen, upstreams[i].Advertise
			if one.protocol == nil && upstreams[i].Protocol != "" {
				var err error
				if one.protocol, err = findProtocol(upstreams[i].Protocol); err != nil {
					return err
				}
			}
		}
		if one.protocol == nil {
			one.protocol = protocol
		}
	}
	return nil
}

// listen opens every port, or none.
func (p *servePlan) listen(ctx context.Context, k *serveCmd) (err error) {
	defer func() {
		if err != nil {
			p.closeListeners()
		}
	}()
	var lc net.ListenConfig
	for _, one := range p.stood {
		if one.listener, err = lc.Listen(ctx, "tcp", one.address); err != nil {
			return cannotListen(one.name, one.address, err)
		}
		one.url = one.advertise
		if one.url == "" {
			one.url = p.origin(one.listener.Addr())
		}
	}
	address := net.JoinHostPort("127.0.0.1", strconv.Itoa(k.AdminPort))
	if p.admin, err = lc.Listen(ctx, "tcp", address); err != nil {
		return cannotListen("the admin API", address, err)
	}
	return nil
}

func (p *servePlan) closeListeners() {
	for _, one := range p.stood {
		if one.listener != nil {
			_ = one.listener.Close()
		}
	}
}

// cannotListen is an error of the command line: it named the port, or the machine has none left.
func cannotListen(who, address string, err error) error {
	if errors.Is(err, syscall.EADDRINUSE) {
		return usage("%s: %s is in use: choose another port, or leave it out for a free one", who, address)
	}
	if named, ok := errors.AsType[*net.OpError](err); ok {
		err = named.Err
	}
	return usage("%s: cannot listen on %s: %v", who, address, err)
}

// origin is the URL of an address. One that stands for all addresses of the machine is shown as its loopback.
func (p *servePlan) origin(addr net.Addr) string {
	u := url.URL{Scheme: "http", Host: addr.String()}
	if p.tls != nil {
		u.Scheme = "https"
	}
	if tcp, ok := addr.(*net.TCPAddr); ok && tcp.IP.IsUnspecified() {
		u.Host = net.JoinHostPort("127.0.0.1", strconv.Itoa(tcp.Port))
	}
	return u.String()
}

// hosts are the names and addresses that a certificate has to hold for.
func (p *servePlan) hosts() []string {
	hosts := []string{"127.0.0.1", "::1", "localhost"}
	for _, one := range p.stood {
		host, _, _ := net.SplitHostPort(one.address)
		if u, err := url.Parse(one.advertise); err == nil && u.Hostname() != "" {
			hosts = append(hosts, u.Hostname())
		}
		if ip := net.ParseIP(host); host != "" && (ip == nil || !ip.IsUnspecified()) {
			hosts = append(hosts, host)
		}
	}
	if own, err := os.Hostname(); err == nil {
		hosts = append(hosts, own)
	}
	slices.Sort(hosts)
	return slices.Compact(hosts)
}

// providers are the plan's for package serve.
func (p *servePlan) providers() []serve.Provider {
	var all []serve.Provider
	for _, one := range p.stood {
		all = append(all, serve.Provider{
			Name: one.name, Protocol: one.protocol, OnRequest: one.entries, Listener: one.listener, URL: one.url,
		})
	}
	return all
}
