package targets

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net/http"
	"os"
	"runtime"
	"strings"
	"testing"

	"github.com/chaosrun/chaosrun/assertions"
)

// trustCA lets the test's engine trust the file of an authority. Go reads SSL_CERT_FILE on Linux by
// itself.
func trustCA(file string) error {
	if file == "" {
		return nil
	}
	ca, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	roots := x509.NewCertPool()
	if !roots.AppendCertsFromPEM(ca) {
		return errors.New("no certificate in " + file)
	}
	http.DefaultTransport.(*http.Transport).TLSClientConfig = &tls.Config{RootCAs: roots}
	return nil
}

// secureWorker is a worker whose providers speak HTTPS, with more variables of the environment.
func secureWorker(t *testing.T, env, more string) *Target {
	t.Helper()
	return parseTarget(t,
		fmt.Sprintf("target: w\nkind: worker\nstart: {command: %s, env: {%s: worker, PATIENCE: 1s%s}}\n%s", me(t),
			engineVariable, env, more))
}

// An engine reaches providers that speak HTTPS if it trusts the authority of the run: the one that
// is told of its file, and on Linux the one that reads SSL_CERT_FILE. One that trusts others is not
// to blame, and the run says what is amiss.
func TestUpstreamsOverHTTPS(t *testing.T) {
	t.Parallel()
	const secure = "upstream_tls: true\n"
	for _, tt := range []struct {
		name, env, more string
		want            assertions.Verdict
		says            string
	}{
		{
			"told of the file", `, SSL_CERT_FILE: /nowhere, CA: "{{ca}}"`, secure, assertions.Passed,
			"https://127.0.0.1:",
		},
		{
			"by the name of the machine", `, CA: "{{ca}}"`, secure + "upstream_host: localhost\n", assertions.Passed,
			"https://localhost:",
		},
		{"by a variable", "", secure, assertions.Passed, "https://127.0.0.1:"},
		{
			"it trusts others", ", SSL_CERT_FILE: /nowhere", secure, assertions.Unknown,
			"it does not trust the authority of this run, whose file the target can name as {{ca}}",
		},
		{"plain", `, CA: "{{ca}}"`, "upstream_tls: false\n", assertions.Passed, "http://127.0.0.1:"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if tt.name == "by a variable" && runtime.GOOS != "linux" {
				t.Skip("Go reads SSL_CERT_FILE on Linux only")
			}
			run := runVariant(t, secureWorker(t, tt.env, tt.more), Options{}, stalls)
			if run.Verdict() != tt.want {
				t.Fatalf("got %s, want %s: %+v\n%s", run.Verdict(), tt.want, run.Judgement, run.Timeline)
			}
			if text := fmt.Sprint(run.Timeline, run.Judgement); tt.want == assertions.Unknown &&
				!strings.Contains(text, tt.says) {
				t.Errorf("it does not say %q:\n%s", tt.says, text)
			}
		})
	}
}

// A variant may have HTTPS, and what is neither true nor false is an error before any run.
func TestUpstreamTLSOfAVariant(t *testing.T) {
	target := secureWorker(t, "", "upstream_tls: '{{settings.tls}}'\nupstream_host: '{{settings.host}}'\n"+
		"settings: {tls: false, host: '127.1'}\nvariants: {plain: {}, https: {tls: true, host: localhost}}\n")
	for variant, want := range map[string]string{"plain": "false 127.1", "https": "true localhost", "": "false 127.1"} {
		tls, host, err := target.reach(target.with(variant, nil))
		if got := fmt.Sprint(tls, " ", host); err != nil || got != want {
			t.Errorf("%s: got %q, %v, want %q", variant, got, err, want)
		}
	}
	for set, want := range map[string]string{
		"tls=maybe": `upstream_tls is "maybe": want true or false`, "host=a:80": `"a:80" is not a host`,
	} {
		name, value, _ := strings.Cut(set, "=")
		if _, err := target.Variants(Options{Set: map[string]string{name: value}}); err == nil ||
			!strings.Contains(err.Error(), want) {
			t.Errorf("%s: got %v, want %q", set, err, want)
		}
	}
}
