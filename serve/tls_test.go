package serve_test

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/chaosrun/chaosrun/fakeprovider"
)

func certificate(t *testing.T, hosts ...string) (*tls.Config, []byte) {
	t.Helper()
	config, ca, err := fakeprovider.NewTLS(hosts...)
	if err != nil {
		t.Fatal(err)
	}
	return config, ca
}

// trust makes the rig's client use TLS without verification, and HTTP/2 if h2 is true.
func trust(t *testing.T, r *rig, h2 bool) {
	t.Helper()
	transport, ok := r.client.Transport.(*http.Transport)
	if !ok {
		t.Fatal("another transport")
	}
	transport.TLSClientConfig = &tls.Config{InsecureSkipVerify: true}
	transport.ForceAttemptHTTP2 = h2
}

func TestTLS(t *testing.T) {
	config, ca := certificate(t, "127.0.0.1", "localhost")
	o := only(fakeprovider.Healthy{Text: "hello there"}, fakeprovider.Script{
		fakeprovider.Text{Value: "half"}, fakeprovider.End{How: fakeprovider.Reset},
	})
	o.TLS = config
	for _, h2 := range []bool{false, true} {
		r := onLoopback(t, o)
		var unknown x509.UnknownAuthorityError
		if _, _, err := r.do(t, r.ask(t.Context(), t)); !errors.As(err, &unknown) {
			t.Errorf("without the authority the error is %v", err)
		}
		roots := x509.NewCertPool()
		if !roots.AppendCertsFromPEM(ca) {
			t.Fatal("the authority is no PEM file")
		}
		transport := &http.Transport{TLSClientConfig: &tls.Config{RootCAs: roots}, ForceAttemptHTTP2: h2}
		t.Cleanup(transport.CloseIdleConnections)
		r.client = &http.Client{Transport: transport}
		resp, err := r.client.Do(r.ask(t.Context(), t))
		if err != nil {
			t.Fatal(err)
		}
		data, err := io.ReadAll(resp.Body)
		resp.Body.Close()
		if want := map[bool]int{false: 1, true: 2}[h2]; resp.ProtoMajor != want || err != nil ||
			!strings.Contains(string(data), "[DONE]") {
			t.Errorf("got HTTP/%d, want %d: %v %s", resp.ProtoMajor, want, err, data)
		}
		if _, text, err := r.do(t, r.ask(t.Context(), t)); err == nil || !strings.Contains(text, "half") {
			t.Errorf("HTTP/2 %t: a reset reads as %q, %v", h2, text, err)
		}
	}
}
