package fakeprovider

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"fmt"
	"math/big"
	"net"
	"time"
)

// A generated certificate is valid from a day ago, for clocks that differ, until a year from now,
// for providers that run for long.
const (
	validBefore = 24 * time.Hour
	validFor    = 365 * 24 * time.Hour
)

// Indices into the Certificates of the configuration that NewTLS returns. The valid certificate
// has index 0.
const (
	// CertificateExpired is the index of a certificate that has expired.
	CertificateExpired = iota + 1
	// CertificateWrongHost is the index of a certificate for another host.
	CertificateWrongHost
)

// The other host: a name reserved by RFC 6761 and an address reserved by RFC 5737.
const (
	wrongHost    = "somebody-else.invalid"
	wrongAddress = "192.0.2.1"
)

// NewTLS generates a certificate authority and a certificate for hosts, which are names or
// addresses. Clients that trust ca, the content of a PEM file, accept the certificate. Neither
// key is stored.
//
// The configuration holds two more certificates, at CertificateExpired and CertificateWrongHost.
// A server never chooses them by itself; faults present them.
func NewTLS(hosts ...string) (config *tls.Config, ca []byte, err error) {
	return NewTLSFrom("chaosrun, for this run only", hosts...)
}

// NewTLSFrom does what NewTLS does, with an authority of the given name.
func NewTLSFrom(authority string, hosts ...string) (config *tls.Config, ca []byte, err error) {
	now := time.Now() // virtual inside a bubble
	root := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: authority},
		NotBefore: now.Add(-validBefore), NotAfter: now.Add(validFor),
		KeyUsage: x509.KeyUsageCertSign, BasicConstraintsValid: true, IsCA: true, MaxPathLenZero: true,
	}
	leaf := &x509.Certificate{
		SerialNumber: big.NewInt(2), Subject: pkix.Name{CommonName: "chaosrun"},
		NotBefore: root.NotBefore, NotAfter: root.NotAfter,
		KeyUsage: x509.KeyUsageDigitalSignature, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
	}
	for _, host := range hosts {
		if ip := net.ParseIP(host); ip != nil {
			leaf.IPAddresses = append(leaf.IPAddresses, ip)
		} else {
			leaf.DNSNames = append(leaf.DNSNames, host)
		}
	}
	authorityKey, leafKey, err := newKeys()
	if err != nil {
		return nil, nil, err
	}
	authorityDER, err := x509.CreateCertificate(rand.Reader, root, root, &authorityKey.PublicKey, authorityKey)
	if err != nil {
		return nil, nil, fmt.Errorf("fakeprovider: certificate: %w", err)
	}
	// The parsed certificate has the key identifier that strict clients (Python 3.13) look for in
	// the leaf.
	if root, err = x509.ParseCertificate(authorityDER); err != nil {
		return nil, nil, fmt.Errorf("fakeprovider: certificate: %w", err)
	}
	expired, elsewhere := *leaf, *leaf
	expired.SerialNumber, expired.NotBefore, expired.NotAfter = big.NewInt(3), now.Add(-validFor), root.NotBefore
	elsewhere.SerialNumber, elsewhere.DNSNames, elsewhere.IPAddresses = big.NewInt(4), []string{wrongHost},
		[]net.IP{net.ParseIP(wrongAddress)}
	config = &tls.Config{MinVersion: tls.VersionTLS12}
	for _, template := range []*x509.Certificate{leaf, &expired, &elsewhere} {
		der, err := x509.CreateCertificate(rand.Reader, template, root, &leafKey.PublicKey, authorityKey)
		if err != nil {
			return nil, nil, fmt.Errorf("fakeprovider: certificate: %w", err)
		}
		config.Certificates = append(config.Certificates, tls.Certificate{
			Certificate: [][]byte{der}, PrivateKey: leafKey,
		})
	}
	return config, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: authorityDER}), nil
}

// newKeys generates the keys of the authority and of its certificates.
func newKeys() (authority, leaf *ecdsa.PrivateKey, err error) {
	if authority, err = ecdsa.GenerateKey(elliptic.P256(), rand.Reader); err != nil {
		return nil, nil, fmt.Errorf("fakeprovider: key: %w", err)
	}
	if leaf, err = ecdsa.GenerateKey(elliptic.P256(), rand.Reader); err != nil {
		return nil, nil, fmt.Errorf("fakeprovider: key: %w", err)
	}
	return authority, leaf, nil
}
