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

// How long a generated certificate is good: a day back, for clocks that differ, and a year on, for providers that stand for long.
const (
	validBefore = 24 * time.Hour
	validFor    = 365 * 24 * time.Hour
)

// What stands where among the certificates that NewTLS makes.
const (
	CertificateExpired = iota + 1
	CertificateWrongHost
)

// A host that nobody is: a name from RFC 6761 and an address from RFC 5737.
const (
	wrongHost    = "somebody-else.invalid"
	wrongAddress = "192.0.2.1"
)

// NewTLS makes an authority of its own and a certificate for hosts, names or addresses, signed by it. Clients that trust ca, a
// PEM file's content, accept it. Neither key is ever stored. The authority signs two certificates more, which stand behind the first
// one and which a server does not choose by itself: one that has expired, and one for another host. Faults present them.
func NewTLS(hosts ...string) (config *tls.Config, ca []byte, err error) {
	return NewTLSFrom("chaosrun, for this run only", hosts...)
}

// NewTLSFrom is NewTLS with an authority of another name.
func NewTLSFrom(authority string, hosts ...string) (config *tls.Config, ca []byte, err error) {
	now := time.Now() // of a bubble, inside one
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
	// Read back, it has the key identifier that strict clients (Python 3.13) look for in the leaf.
	if root, err = x509.ParseCertificate(authorityDER); err != nil {
		return nil, nil, fmt.Errorf("fakeprovider: certificate: %w", err)
	}
	expired, elsewhere := *leaf, *leaf
	expired.SerialNumber, expired.NotBefore, expired.NotAfter = big.NewInt(3), now.Add(-validFor), root.NotBefore
	elsewhere.SerialNumber, elsewhere.DNSNames, elsewhere.IPAddresses = big.NewInt(4), []string{wrongHost}, []net.IP{net.ParseIP(wrongAddress)}
	config = &tls.Config{MinVersion: tls.VersionTLS12}
	for _, template := range []*x509.Certificate{leaf, &expired, &elsewhere} {
		der, err := x509.CreateCertificate(rand.Reader, template, root, &leafKey.PublicKey, authorityKey)
		if err != nil {
			return nil, nil, fmt.Errorf("fakeprovider: certificate: %w", err)
		}
		config.Certificates = append(config.Certificates, tls.Certificate{Certificate: [][]byte{der}, PrivateKey: leafKey})
	}
	return config, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: authorityDER}), nil
}

func newKeys() (authority, leaf *ecdsa.PrivateKey, err error) {
	if authority, err = ecdsa.GenerateKey(elliptic.P256(), rand.Reader); err != nil {
		return nil, nil, fmt.Errorf("fakeprovider: key: %w", err)
	}
	if leaf, err = ecdsa.GenerateKey(elliptic.P256(), rand.Reader); err != nil {
		return nil, nil, fmt.Errorf("fakeprovider: key: %w", err)
	}
	return authority, leaf, nil
}
