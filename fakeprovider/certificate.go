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

// NewTLS makes an authority of its own and a certificate for hosts, names or addresses, signed by it. Clients that trust ca, a
// PEM file's content, accept it. Neither key is ever stored, and the authority signs nothing else.
func NewTLS(hosts ...string) (config *tls.Config, ca []byte, err error) {
	now := time.Now() // of a bubble, inside one
	authority := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "chaosrun, for this run only"},
		NotBefore: now.Add(-validBefore), NotAfter: now.Add(validFor),
		KeyUsage: x509.KeyUsageCertSign, BasicConstraintsValid: true, IsCA: true, MaxPathLenZero: true,
	}
	leaf := &x509.Certificate{
		SerialNumber: big.NewInt(2), Subject: pkix.Name{CommonName: "chaosrun"},
		NotBefore: authority.NotBefore, NotAfter: authority.NotAfter,
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
	authorityDER, err := x509.CreateCertificate(rand.Reader, authority, authority, &authorityKey.PublicKey, authorityKey)
	if err != nil {
		return nil, nil, fmt.Errorf("fakeprovider: certificate: %w", err)
	}
	// Read back, it has the key identifier that strict clients (Python 3.13) look for in the leaf.
	if authority, err = x509.ParseCertificate(authorityDER); err != nil {
		return nil, nil, fmt.Errorf("fakeprovider: certificate: %w", err)
	}
	leafDER, err := x509.CreateCertificate(rand.Reader, leaf, authority, &leafKey.PublicKey, authorityKey)
	if err != nil {
		return nil, nil, fmt.Errorf("fakeprovider: certificate: %w", err)
	}
	return &tls.Config{
		Certificates: []tls.Certificate{{Certificate: [][]byte{leafDER}, PrivateKey: leafKey}}, MinVersion: tls.VersionTLS12,
	}, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: authorityDER}), nil
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
