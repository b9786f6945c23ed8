package serve_test

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"github.com/chaosrun/chaosrun/fakeprovider/protocol"
	"github.com/chaosrun/chaosrun/serve"
)

// TestNothingSecretIsKept checks that no key is kept, wherever clients and gateways put it, and
// that each leaves a fingerprint.
func TestNothingSecretIsKept(t *testing.T) {
	const secret = "sk-very-secret"
	for _, protocol := range protocol.All() {
		o := only()
		o.Providers[0].Protocol = protocol
		r := onLoopback(t, o)
		for _, at := range []string{path(protocol), "/v1/nonsense", "/v1/models"} {
			status, _, err := r.do(t, r.ask(t.Context(), t, func(req *http.Request) {
				req.URL.Path = at
				req.URL.RawQuery = "alt=sse&key=" + secret + "&api-version=1&access_token=" + secret + "&%6bey=" +
					secret + "&%zz=" + secret
				req.Header.Set("Authorization", "Bearer "+secret)
				req.Header.Set("Cookie", "session="+secret)
				for _, name := range []string{
					"X-Api-Key", "Api-Key", "X-Goog-Api-Key", "Proxy-Authorization", "X-Portkey-Api-Key",
					"Cf-Aig-Authorization", "Helicone-Auth",
					"X-Amz-Security-Token", "X-Litellm-Key", "Ocp-Apim-Subscription-Key",
				} {
					req.Header.Set(name, secret)
				}
			}))
			if status == 0 {
				t.Fatal(err)
			}
		}
		entries, _ := r.Journal()
		journal, err := json.Marshal(entries)
		if err != nil {
			t.Fatal(err)
		}
		events, err := json.Marshal(r.Timeline())
		if err != nil {
			t.Fatal(err)
		}
		_, metrics := r.call(t, http.MethodGet, "/metrics", "")
		_, providers := r.call(t, http.MethodGet, "/v1/providers", "")
		for _, kept := range []string{string(journal), string(events), metrics, providers} {
			if strings.Contains(kept, "very-secret") {
				t.Errorf("%s: a secret is kept: %s", protocol.Name(), kept)
			}
		}
		e := entries[0]
		want := serve.Fingerprint(secret)
		if e.Headers["X-Api-Key"][0] != want || e.Headers["Authorization"][0] != "Bearer "+want ||
			len(want) != len("sha256:")+8 {
			t.Errorf("the fingerprints are %v, want %s", e.Headers, want)
		}
		for _, name := range []string{"Cookie", "Api-Key", "X-Goog-Api-Key", "Proxy-Authorization", "Helicone-Auth"} {
			if got := e.Headers[name]; len(got) != 1 || !strings.HasPrefix(got[0], "sha256:") {
				t.Errorf("%s is kept as %q, want a fingerprint", name, got)
			}
		}
		if got := "alt=sse&key=" + want + "&api-version=1&access_token=" + want + "&%6bey=" + want; !strings.HasPrefix(
			e.Query, got) {
			t.Errorf("the query is %q, want %q", e.Query, got)
		}
		if e.Headers["User-Agent"][0] != "Go-http-client/1.1" {
			t.Errorf("the user agent is %q", e.Headers["User-Agent"])
		}
	}
}

func FuzzNothingSecretInAQuery(f *testing.F) {
	f.Add("key", "a=b")
	f.Add("api_key", "&&=%")
	f.Fuzz(func(t *testing.T, name, rest string) {
		query := serve.Query(rest + "&" + name + "key=very-secret&" + rest)
		if strings.Contains(query, "very-secret") && !strings.ContainsAny(name, "=&") {
			t.Errorf("%q", query)
		}
	})
}
