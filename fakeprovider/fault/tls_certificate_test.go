package fault_test

import (
	"crypto/tls"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/chaosrun/chaosrun/fakeprovider"
	"github.com/chaosrun/chaosrun/fakeprovider/fault"
	"github.com/chaosrun/chaosrun/fakeprovider/internal/rig"
	"github.com/chaosrun/chaosrun/fakeprovider/protocol"
)

func TestTLSExpiredCertificate(t *testing.T) {
	t.Parallel()
	shows(t, fault.TLSExpiredCertificate{},
		"= handshake: tls: failed to verify certificate: x509: certificate has expired or is not yet valid: current "+
			"time TIME is after TIME",
		"plain: request: Post \"https://ADDRESS/v1/chat/completions\": tls: failed to verify certificate: x509: "+
			"certificate has expired",
	)
}

func TestTLSWrongHost(t *testing.T) {
	t.Parallel()
	shows(t, fault.TLSWrongHost{},
		"= handshake: tls: failed to verify certificate: x509: certificate is valid for ANOTHER, not HOST",
		"plain: request: Post \"https://ADDRESS/v1/chat/completions\": tls: failed to verify certificate: x509: "+
			"certificate is valid for ANOTHER, not HOST",
	)
}

func TestTLSUnknownAuthority(t *testing.T) {
	t.Parallel()
	shows(t, fault.TLSUnknownAuthority{},
		"= handshake: tls: failed to verify certificate: x509: certificate signed by unknown authority",
		"plain: request: Post \"https://ADDRESS/v1/chat/completions\": tls: failed to verify certificate: x509: "+
			"certificate signed by unknown authority",
	)
}

// A client that does not look is answered, so that engines which switch the check off are found
// out.
func TestCertificatesAreOnlyLookedAt(t *testing.T) {
	t.Parallel()
	for _, fault := range []fakeprovider.Fault{
		fault.TLSExpiredCertificate{}, fault.TLSWrongHost{}, fault.TLSUnknownAuthority{},
	} {
		synctest.Test(t, func(t *testing.T) {
			s := rig.VirtualSite(t, fault, protocol.OpenAIChat{}, true)
			transport := &http.Transport{DialContext: s.Dial, TLSClientConfig: &tls.Config{InsecureSkipVerify: true}}
			defer transport.CloseIdleConnections()
			if _, body, err := rig.Exchange(t, &http.Client{Transport: transport}, s.Request(t)); err != nil ||
				!strings.Contains(body, "[DONE]") {
				t.Errorf("%T: %v, %q", fault, err, body)
			}
		})
	}
}
