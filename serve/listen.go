package serve

import (
	"context"
	"errors"
	"net"
	"net/url"
	"os"
	"slices"
	"strconv"
	"syscall"

	"github.com/chaosrun/chaosrun/fakeprovider"
	"github.com/chaosrun/chaosrun/internal/atomicfile"
)

// Listen makes the certificate, if there is to be one, and opens every port, or none.
func (p *Plan) Listen(ctx context.Context) (err error) {
	if err := p.secure(); err != nil {
		return err
	}
	defer func() {
		if err != nil {
			p.closeListeners()
		}
	}()
	var lc net.ListenConfig
	for _, one := range p.providers {
		if one.listener, err = lc.Listen(ctx, "tcp", one.address); err != nil {
			return cannotListen(one.name, one.address, err)
		}
		one.url = one.advertise
		if one.url == "" {
			one.url = p.origin(one.listener.Addr())
		}
	}
	address := net.JoinHostPort("127.0.0.1", strconv.Itoa(p.o.AdminPort))
	if p.admin, err = lc.Listen(ctx, "tcp", address); err != nil {
		return cannotListen("the admin API", address, err)
	}
	return nil
}

// Start serves the providers of a plan that listens, until the Set is closed.
func (p *Plan) Start() (*Set, error) {
	var all []Provider
	for _, one := range p.providers {
		all = append(all, Provider{
			Name: one.name, Protocol: one.protocol, OnRequest: one.entries, Listener: one.listener, URL: one.url,
		})
	}
	return Start(Options{
		Name: p.name, Providers: all, Seed: p.o.Seed, FixedIDs: p.o.FixedIDs, Admin: p.admin, Token: p.o.Token,
		TLS: p.tls, Hosts: slices.Concat(p.o.Hosts, p.hosts()),
		Vocabulary: p.o.Vocabulary,
	})
}

// Close removes the certificate authority's file, if nobody asked for it by name. It does not close
// a Set.
func (p *Plan) Close() {
	if p.remove != "" {
		_ = os.Remove(p.remove) // left behind in a temporary folder it does no harm
	}
}

// secure makes the certificate, if there is to be one.
func (p *Plan) secure() error {
	if !p.o.TLS {
		return nil
	}
	config, ca, err := fakeprovider.NewTLS(p.hosts()...)
	if err != nil {
		return err
	}
	p.tls, p.ca = config, p.o.CA
	if p.ca != "" {
		if err := atomicfile.Write(p.ca, ca, 0o644); err != nil {
			return usage("%v", err)
		}
		return nil
	}
	file, err := os.CreateTemp("", "chaosrun-ca-*.pem")
	if err != nil {
		return err
	}
	p.ca, p.remove = file.Name(), file.Name()
	_, err = file.Write(ca)
	return errors.Join(err, file.Close())
}

func (p *Plan) closeListeners() {
	for _, one := range p.providers {
		if one.listener != nil {
			_ = one.listener.Close()
		}
	}
}

// cannotListen is an error of the caller: it named the port, or the machine has none left.
func cannotListen(who, address string, err error) error {
	if errors.Is(err, syscall.EADDRINUSE) {
		return usage("%s: %s is in use: choose another port, or leave it out for a free one", who, address)
	}
	if named, ok := errors.AsType[*net.OpError](err); ok {
		err = named.Err
	}
	return usage("%s: cannot listen on %s: %v", who, address, err)
}

// origin returns the URL of an address. One that stands for all addresses of the machine is shown
// as its loopback.
func (p *Plan) origin(addr net.Addr) string {
	u := url.URL{Scheme: "http", Host: addr.String()}
	if p.tls != nil {
		u.Scheme = "https"
	}
	if tcp, ok := addr.(*net.TCPAddr); ok && tcp.IP.IsUnspecified() {
		u.Host = net.JoinHostPort("127.0.0.1", strconv.Itoa(tcp.Port))
	}
	return u.String()
}

// hosts returns the names and addresses that a certificate has to hold for.
func (p *Plan) hosts() []string {
	hosts := []string{"127.0.0.1", "::1", "localhost"}
	for _, one := range p.providers {
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
