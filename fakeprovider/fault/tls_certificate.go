package fault

import (
	"context"
	"crypto/x509"
	"fmt"
	"net"
	"slices"

	"github.com/chaosrun/chaosrun/fakeprovider"
)

// TLSExpiredCertificate presents a certificate that expired yesterday.
type TLSExpiredCertificate struct{}

// TLSWrongHost presents a certificate for another host.
type TLSWrongHost struct{}

// TLSUnknownAuthority presents a certificate of an unknown authority.
type TLSUnknownAuthority struct{}

var (
	_ fakeprovider.Accepter  = TLSExpiredCertificate{}
	_ fakeprovider.Overlay   = TLSExpiredCertificate{}
	_ fakeprovider.Exclusive = TLSExpiredCertificate{}
	_ fakeprovider.Accepter  = TLSWrongHost{}
	_ fakeprovider.Overlay   = TLSWrongHost{}
	_ fakeprovider.Exclusive = TLSWrongHost{}
	_ fakeprovider.Accepter  = TLSUnknownAuthority{}
	_ fakeprovider.Overlay   = TLSUnknownAuthority{}
	_ fakeprovider.Exclusive = TLSUnknownAuthority{}
)

// Info describes the fault.
func (TLSExpiredCertificate) Info() fakeprovider.Info {
	return fakeprovider.Info{
		IDs: []string{"C7"}, Name: "tls-expired-certificate", Title: "The provider's certificate has expired",
		Why: "Trying again does not make it valid, and engines that take it for a failure of the network spend all " +
			"their retries on it before they say so.",
		Right: fakeprovider.Right{
			Reaction: fakeprovider.FallBack, Once: true,
			Note: "Do not retry: ask the next provider at once, and name the certificate in the error.",
		},
		Issues: []string{
			"https://github.com/openclaw/openclaw/issues/111817",
			"https://github.com/NousResearch/hermes-agent/pull/57992",
		},
		Needs: fakeprovider.NeedsTLS, Default: TLSExpiredCertificate{},
	}
}

// Info describes the fault.
func (TLSWrongHost) Info() fakeprovider.Info {
	return fakeprovider.Info{
		IDs: []string{"C7"}, Name: "tls-wrong-host", Title: "The certificate is for another host",
		Why: "As in a hotel's network: who answers is not the provider. Whoever goes on without the check hands his " +
			"key to a stranger.",
		Right: fakeprovider.Right{
			Reaction: fakeprovider.FallBack, Once: true,
			Note: "Do not retry, and send no key: ask the next provider at once.",
		},
		Issues: []string{"https://github.com/openclaw/openclaw/issues/111817"},
		Needs:  fakeprovider.NeedsTLS, Default: TLSWrongHost{},
	}
}

// Info describes the fault.
func (TLSUnknownAuthority) Info() fakeprovider.Info {
	return fakeprovider.Info{
		IDs: []string{"C7"}, Name: "tls-unknown-authority",
		Title: "The certificate is signed by an authority that the client does not know",
		Why: "As behind a proxy that inspects TLS and whose authority was never installed. Nothing that the client " +
			"does by itself will change it.",
		Right: fakeprovider.Right{
			Reaction: fakeprovider.FallBack, Once: true,
			Note: "Do not retry: ask the next provider at once, and say in the error what to install.",
		},
		Issues: []string{"https://github.com/NousResearch/hermes-agent/pull/57992"},
		Needs:  fakeprovider.NeedsTLS, Default: TLSUnknownAuthority{},
	}
}

// Script answers a client that does not check the certificate.
func (TLSExpiredCertificate) Script() fakeprovider.Script { return fakeprovider.Healthy{}.Script() }

// Script answers a client that does not check the certificate.
func (TLSWrongHost) Script() fakeprovider.Script { return fakeprovider.Healthy{}.Script() }

// Script answers a client that does not check the certificate.
func (TLSUnknownAuthority) Script() fakeprovider.Script { return fakeprovider.Healthy{}.Script() }

// Lay adds nothing to the script.
func (TLSExpiredCertificate) Lay() fakeprovider.Script { return nil }

// Lay adds nothing to the script.
func (TLSWrongHost) Lay() fakeprovider.Script { return nil }

// Lay adds nothing to the script.
func (TLSUnknownAuthority) Lay() fakeprovider.Script { return nil }

// Claims returns the certificate.
func (TLSExpiredCertificate) Claims() string { return claimsCertificate }

// Claims returns the certificate.
func (TLSWrongHost) Claims() string { return claimsCertificate }

// Claims returns the certificate.
func (TLSUnknownAuthority) Claims() string { return claimsCertificate }

// Accept presents the expired certificate.
func (TLSExpiredCertificate) Accept(_ context.Context, c *fakeprovider.Connection) (net.Conn, error) {
	return c.Conn, present(c, fakeprovider.CertificateExpired)
}

// Accept presents the certificate for another host.
func (TLSWrongHost) Accept(_ context.Context, c *fakeprovider.Connection) (net.Conn, error) {
	return c.Conn, present(c, fakeprovider.CertificateWrongHost)
}

// Accept presents a certificate for the right hosts, signed by an authority of its own.
func (TLSUnknownAuthority) Accept(_ context.Context, c *fakeprovider.Connection) (net.Conn, error) {
	if c.TLS == nil {
		return nil, fakeprovider.ErrNoTLS
	}
	leaf, err := x509.ParseCertificate(c.TLS.Certificates[0].Certificate[0])
	if err != nil {
		return nil, fmt.Errorf("fakeprovider: certificate: %w", err)
	}
	hosts := slices.Clone(leaf.DNSNames)
	for _, ip := range leaf.IPAddresses {
		hosts = append(hosts, ip.String())
	}
	stranger, _, err := fakeprovider.NewTLSFrom("nobody knows this authority", hosts...)
	if err != nil {
		return nil, err
	}
	c.TLS = c.TLS.Clone()
	c.TLS.Certificates = stranger.Certificates[:1]
	return c.Conn, nil
}

// present presents another of the certificates that NewTLS makes.
func present(c *fakeprovider.Connection, which int) error {
	if c.TLS == nil || which >= len(c.TLS.Certificates) {
		return fakeprovider.ErrNoTLS
	}
	c.TLS = c.TLS.Clone()
	c.TLS.Certificates = c.TLS.Certificates[which : which+1]
	return nil
}
