package serve

import (
	"cmp"
	"crypto/tls"
	"net"
	"slices"
	"strconv"
	"strings"

	"github.com/chaosrun/chaosrun/fakeprovider"
	"github.com/chaosrun/chaosrun/internal/strictyaml"
	"github.com/chaosrun/chaosrun/scenarios"
)

// PlanOptions say what to serve, and where. One of Scenario, Pairs and Upstreams has to be given.
type PlanOptions struct {
	// Scenario has the providers to serve. Pairs, NAME=FAULT each, take its place.
	Scenario *scenarios.Scenario
	Pairs    []string
	// Upstreams are where the providers listen, by position. Without Scenario and Pairs all of them
	// are served, healthy.
	Upstreams []Upstream
	// Protocol is that of providers that name none. Default: "openai-chat".
	Protocol string
	// Host is where the providers listen. Default: 127.0.0.1.
	Host string
	// Hosts are further names under which clients may ask, see [Options].
	Hosts []string
	// Port is that of the first provider; the others follow it. Default: free ports.
	Port int
	// AdminPort is that of the admin API, which always is on 127.0.0.1. Default: a free port.
	AdminPort int
	// Token is the bearer token of the admin API, which may not be empty.
	Token string
	// Seed and FixedIDs are those of [Options].
	Seed     uint64
	FixedIDs bool
	// TLS serves HTTPS with a certificate that Listen makes. CA is where Listen writes the
	// certificate authority. Default: a new temporary file.
	TLS bool
	CA  string
	// Vocabulary is what may be named. Default: scenarios.Shipped().
	Vocabulary *scenarios.Vocabulary
}

// A Plan is what PlanOptions ask to be served, checked before the first port is opened. Listen
// opens the ports, Start serves, and Close removes what the plan has written.
type Plan struct {
	o         PlanOptions
	name      string
	providers []*planned
	admin     net.Listener
	tls       *tls.Config
	// ca is where the authority's certificate is, remove where it has to be removed from.
	ca, remove string
}

// planned is one provider of a plan.
type planned struct {
	name     string
	protocol fakeprovider.Protocol
	entries  []fakeprovider.Fault
	// address is where to listen, and advertise what clients are told instead of it.
	address, advertise string
	listener           net.Listener
	url                string
}

// NewPlan checks what is to be served. The error is a *[UsageError] or a *[NeedsTLSError].
func NewPlan(o PlanOptions) (*Plan, error) {
	if o.Vocabulary == nil {
		o.Vocabulary = scenarios.Shipped()
	}
	o.Protocol, o.Host = cmp.Or(o.Protocol, "openai-chat"), cmp.Or(o.Host, "127.0.0.1")
	p := &Plan{o: o}
	protocol, err := p.findProtocol(o.Protocol)
	if err != nil {
		return nil, err
	}
	switch {
	case o.Pairs != nil:
		err = p.takePairs(o.Pairs)
	case o.Scenario != nil:
		err = p.takeScenario(*o.Scenario)
	case len(o.Upstreams) > 0:
		p.takeHealthy(len(o.Upstreams))
	default:
		err = usage("there is nothing to serve")
	}
	if err != nil {
		return nil, err
	}
	if n := len(o.Upstreams); n > 0 && n < len(p.providers) {
		return nil, usage("the target has %d upstreams, too few for %d providers", n, len(p.providers))
	}
	if err := p.assign(o.Upstreams, protocol); err != nil {
		return nil, err
	}
	if err := p.check(o.TLS); err != nil {
		return nil, err
	}
	return p, nil
}

func (p *Plan) findProtocol(name string) (fakeprovider.Protocol, error) {
	protocol, ok := p.o.Vocabulary.Protocol(name)
	if !ok {
		return nil, usage("no such protocol: %q%s", name, didYouMean(name, p.o.Vocabulary.ProtocolNames()))
	}
	return protocol, nil
}

// didYouMean suggests the nearest of some words, or lists them.
func didYouMean(word string, known []string) string {
	if s := strictyaml.Nearest(word, known); s != "" {
		return " (did you mean " + strconv.Quote(s) + "?)"
	}
	return "; one of " + strings.Join(known, ", ")
}

// takeHealthy serves upstreams of which nobody said what they do.
func (p *Plan) takeHealthy(n int) {
	p.name = "healthy"
	for i := range n {
		p.providers = append(p.providers, &planned{name: "upstream-" + strconv.Itoa(i+1)})
	}
}

func (p *Plan) takePairs(pairs []string) error {
	p.name = strings.Join(pairs, " ")
	for _, pair := range pairs {
		name, fault, ok := strings.Cut(pair, "=")
		switch {
		case !ok:
			return usage("%q stands among NAME=FAULT pairs and is none", pair)
		case !scenarios.ValidProviderName(name):
			return usage("%q: a provider's name is made of small letters, digits and hyphens", pair)
		case slices.ContainsFunc(p.providers, func(have *planned) bool { return have.name == name }):
			return usage("there are two providers called %q", name)
		}
		entry, err := p.o.Vocabulary.ParseFault(fault)
		if err != nil {
			return usage("%s: %v", pair, err)
		}
		p.providers = append(p.providers, &planned{name: name, entries: []fakeprovider.Fault{entry}})
	}
	return nil
}

func (p *Plan) takeScenario(s scenarios.Scenario) error {
	p.name = s.Name
	for _, provider := range s.Providers {
		one := &planned{name: provider.Name, entries: provider.OnRequest}
		if provider.Protocol != "" {
			var err error
			if one.protocol, err = p.findProtocol(provider.Protocol); err != nil {
				return err
			}
		}
		p.providers = append(p.providers, one)
	}
	return nil
}

// assign says where each provider listens and what it speaks: a scenario's own protocol before the
// upstream's before the default.
func (p *Plan) assign(upstreams []Upstream, protocol fakeprovider.Protocol) error {
	for i, one := range p.providers {
		one.address = net.JoinHostPort(p.o.Host, "0")
		if p.o.Port != 0 {
			one.address = net.JoinHostPort(p.o.Host, strconv.Itoa(p.o.Port+i))
		}
		if i < len(upstreams) {
			one.address, one.advertise = upstreams[i].Listen, upstreams[i].Advertise
			if one.protocol == nil && upstreams[i].Protocol != "" {
				var err error
				if one.protocol, err = p.findProtocol(upstreams[i].Protocol); err != nil {
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
