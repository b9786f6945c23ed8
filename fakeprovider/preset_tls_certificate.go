package fakeprovider

import (
	"context"
	"crypto/x509"
	"fmt"
	"net"
	"slices"
)

// TLSExpiredCertificate presents a certificate that was good until yesterday.
type TLSExpiredCertificate struct{}

// TLSWrongHost presents a certificate for another host.
type TLSWrongHost struct{}

// TLSUnknownAuthority presents a certificate of an authority that nobody knows.
type TLSUnknownAuthority struct{}

var (
	_ Accepter  = TLSExpiredCertificate{}
	_ Overlay   = TLSExpiredCertificate{}
	_ Exclusive = TLSExpiredCertificate{}
	_ Accepter  = TLSWrongHost{}
	_ Overlay   = TLSWrongHost{}
	_ Exclusive = TLSWrongHost{}
	_ Accepter  = TLSUnknownAuthority{}
	_ Overlay   = TLSUnknownAuthority{}
	_ Exclusive = TLSUnknownAuthority{}
)

func tlsExpiredCertificateInfo() PresetInfo {
	return PresetInfo{
		IDs: []string{"C7"}, Name: "tls-expired-certificate", Title: "The provider's certificate has expired",
		Why: "Trying again does not make it valid, and engines that take it for a failure of the network spend all their retries " +
			"on it before they say so.",
		Correct: "No retry: the next provider at once, and an error that names the certificate.",
		Issues: []string{
			"https://github.com/openclaw/openclaw/issues/111817",
			"https://github.com/NousResearch/hermes-agent/pull/57992",
		},
		Needs: NeedsTLS, Default: TLSExpiredCertificate{},
	}
}

func tlsWrongHostInfo() PresetInfo {
	return PresetInfo{
		IDs: []string{"C7"}, Name: "tls-wrong-host", Title: "The certificate is for another host",
		Why:     "As in a hotel's network: who answers is not the provider. Whoever goes on without the check hands his key to a stranger.",
		Correct: "No retry, no key sent: the next provider at once.",
		Issues:  []string{"https://github.com/openclaw/openclaw/issues/111817"},
		Needs:   NeedsTLS, Default: TLSWrongHost{},
	}
}

func tlsUnknownAuthorityInfo() PresetInfo {
	return PresetInfo{
		IDs: []string{"C7"}, Name: "tls-unknown-authority", Title: "The certificate is signed by an authority that the client does not know",
		Why: "As behind a proxy that inspects TLS and whose authority was never installed. Nothing that the client does by itself " +
			"will change it.",
		Correct: "No retry: the next provider at once, and an error that says what to install.",
		Issues:  []string{"https://github.com/NousResearch/hermes-agent/pull/57992"},
		Needs:   NeedsTLS, Default: TLSUnknownAuthority{},
	}
}

// Script answers the client that does not look.
func (TLSExpiredCertificate) Script() Script { return Healthy{}.Script() }

// Script answers the client that does not look.
func (TLSWrongHost) Script() Script { return Healthy{}.Script() }

// Script answers the client that does not look.
func (TLSUnknownAuthority) Script() Script { return Healthy{}.Script() }

// Lay adds nothing to the script.
func (TLSExpiredCertificate) Lay() Script { return nil }

// Lay adds nothing to the script.
func (TLSWrongHost) Lay() Script { return nil }

// Lay adds nothing to the script.
func (TLSUnknownAuthority) Lay() Script { return nil }

// Has says that it decides which certificate is presented.
func (TLSExpiredCertificate) Has() string { return hasCertificate }

// Has says that it decides which certificate is presented.
func (TLSWrongHost) Has() string { return hasCertificate }

// Has says that it decides which certificate is presented.
func (TLSUnknownAuthority) Has() string { return hasCertificate }

// Accept has TLS spoken with the certificate that has expired.
func (TLSExpiredCertificate) Accept(_ context.Context, c *Connection) (net.Conn, error) {
	return c.Conn, c.present(certificateExpired)
}

// Accept has TLS spoken with the certificate for another host.
func (TLSWrongHost) Accept(_ context.Context, c *Connection) (net.Conn, error) {
	return c.Conn, c.present(certificateElsewhere)
}

// Accept has TLS spoken with a certificate for the right hosts, signed by an authority that was made for it.
func (TLSUnknownAuthority) Accept(_ context.Context, c *Connection) (net.Conn, error) {
	if c.TLS == nil {
		return nil, ErrNoTLS
	}
	leaf, err := x509.ParseCertificate(c.TLS.Certificates[0].Certificate[0])
	if err != nil {
		return nil, fmt.Errorf("fakeprovider: certificate: %w", err)
	}
	hosts := slices.Clone(leaf.DNSNames)
	for _, ip := range leaf.IPAddresses {
		hosts = append(hosts, ip.String())
	}
	stranger, _, err := newTLS("nobody knows this authority", hosts...)
	if err != nil {
		return nil, err
	}
	c.TLS = c.TLS.Clone()
	c.TLS.Certificates = stranger.Certificates[:1]
	return c.Conn, nil
}

// present has TLS spoken with another of the certificates that NewTLS makes.
func (c *Connection) present(which int) error {
	if c.TLS == nil || which >= len(c.TLS.Certificates) {
		return ErrNoTLS
	}
	c.TLS = c.TLS.Clone()
	c.TLS.Certificates = c.TLS.Certificates[which : which+1]
	return nil
}
