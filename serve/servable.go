package serve

import (
	"fmt"
	"slices"

	"github.com/chaosrun/chaosrun/fakeprovider"
)

// A footing is how a provider meets its clients, which is settled when it starts.
type footing struct {
	// tls, http1 and http2 say whether faults can have TLS, a connection of their own, and the
	// frames of HTTP/2.
	tls, http1, http2 bool
}

// carries says why a provider on this footing cannot do what it is asked for; nil if it can.
func (f footing) carries(entries []fakeprovider.Fault) error {
	for _, entry := range entries {
		if err := fakeprovider.Cannot(entry, fakeprovider.WorldServe); err != nil {
			return err //nolint:wrapcheck // it says which fault
		}
		name, need := fakeprovider.NameOf(entry), fakeprovider.Needs(entry)
		switch {
		case need != fakeprovider.NeedsNothing && !f.tls:
			return &NeedsTLSError{Fault: name}
		case fakeprovider.NeedsHTTP1(entry) && !f.http1:
			return fmt.Errorf("the fault %s needs a provider that was started with a fault of HTTP/1.1", name)
		case need == fakeprovider.NeedsHTTP2 && !f.http2:
			return fmt.Errorf("the fault %s needs a provider that was started with a fault of HTTP/2", name)
		}
	}
	return nil
}

// Servable says why a provider cannot do what it is asked for, nil if it can or there is no such
// provider.
func (s *Set) Servable(provider string, entries []fakeprovider.Fault) error {
	i := slices.IndexFunc(s.o.Providers, func(p Provider) bool { return p.Name == provider })
	if i < 0 {
		return footing{tls: true, http1: true, http2: true}.carries(entries)
	}
	return footing{
		tls: s.o.TLS != nil, http1: s.o.TLS == nil || s.http1Only[i], http2: s.http2Frames[i],
	}.carries(entries)
}

// check refuses faults that cannot be served, or that need what was not asked for. The plan's own
// faults decide whether a provider speaks HTTP/1.1 or frames of HTTP/2, so it may have either, and
// not both.
func (p *Plan) check(secure bool) error {
	for _, one := range p.providers {
		err := footing{tls: secure, http1: true, http2: true}.carries(one.entries)
		if tls, ok := err.(*NeedsTLSError); ok { //nolint:errorlint // carries returns it unwrapped
			tls.Provider = one.name
			return tls
		}
		if err != nil {
			return usage("%s: %v", one.name, err)
		}
		frames := slices.IndexFunc(one.entries,
			func(f fakeprovider.Fault) bool { return fakeprovider.Needs(f) == fakeprovider.NeedsHTTP2 })
		wire := slices.IndexFunc(one.entries, fakeprovider.NeedsHTTP1)
		if frames >= 0 && wire >= 0 {
			return usage("%s: the fault %s needs HTTP/2 and the fault %s HTTP/1.1: give them to two providers",
				one.name,
				fakeprovider.NameOf(one.entries[frames]), fakeprovider.NameOf(one.entries[wire]))
		}
	}
	return nil
}
