package serve_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/chaosrun/chaosrun/serve"
)

// A page of another site reaches neither a provider nor the admin API, whether it says whose page
// it is or has made a name of its own point here. What clients write is let through.
func TestWebPagesAreRefused(t *testing.T) {
	t.Parallel()
	o := only()
	o.Hosts = []string{"chaos.example.com"}
	r := onLoopback(t, o)
	header := func(name, value string) func(*http.Request) {
		return func(req *http.Request) { req.Header.Set(name, value) }
	}
	host := func(name string) func(*http.Request) { return func(req *http.Request) { req.Host = name } }
	for name, row := range map[string]struct {
		change  func(*http.Request)
		refused string
	}{
		"as it comes":                    {func(*http.Request) {}, ""},
		"by localhost":                   {host("localhost:4010"), ""},
		"by IPv6":                        {host("[::1]:4010"), ""},
		"by another address":             {host("192.168.1.7:4010"), ""},
		"by a short address":             {host("127.1"), ""},
		"by a service's name":            {host("chaosrun:4010"), ""},
		"by the name of Docker's host":   {host("host.docker.internal:4010"), ""},
		"by a name that was given":       {host("Chaos.Example.com:4010"), ""},
		"from a page of this machine":    {header("Origin", "http://localhost:3000"), ""},
		"by a page's own name":           {host("rebound.example.org:4010"), "rebound.example.org"},
		"by a name below one that holds": {host("127.0.0.1.example.org"), "127.0.0.1.example.org"},
		"by a name below a given one":    {host("a.chaos.example.com"), "a.chaos.example.com"},
		"by a name that ends in a dot":   {host("example.org."), "example.org."},
		"from a page":                    {header("Origin", "https://example.org"), "https://example.org"},
		"from a page without a name":     {header("Origin", "null"), "null"},
		"from a page that looks at home": {header("Origin", "http://localhost.example.org"), "localhost.example.org"},
		"by an image of a page":          {header("Sec-Fetch-Site", "cross-site"), "another site"},
	} {
		want := map[bool]int{true: http.StatusOK, false: http.StatusForbidden}[row.refused == ""]
		for of, req := range map[string]*http.Request{
			"provider": r.ask(t.Context(), t), "admin": admin(t, r.admin+"/v1/providers"),
		} {
			row.change(req)
			status, text, err := r.do(t, req)
			if err != nil || status != want || !strings.Contains(text, row.refused) {
				t.Errorf("%s, %s: got %d %.200q, %v, want %d with %q", name, of, status, text, err, want, row.refused)
			}
		}
	}
	entries, _ := r.Journal()
	const taken = 9
	if len(entries) != taken {
		t.Errorf("the journal holds %d requests, want the %d that were let through", len(entries), taken)
	}
	_, text := r.call(t, http.MethodGet, "/metrics", "")
	for _, of := range []string{"primary", ""} {
		if want := `chaosrun_foreign_requests_total{provider="` + of + `"} 8`; !strings.Contains(text, want) {
			t.Errorf("/metrics lacks %q:\n%s", want, text)
		}
	}
}

// admin is a request to the admin API, with the token.
func admin(t *testing.T, url string) *http.Request {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+token)
	return req
}

// All addresses of the machine are listened on if one asks for that, and shown as the one that
// clients here can use. The admin API stays on the loopback.
func TestAllAddresses(t *testing.T) {
	t.Parallel()
	plan, err := serve.NewPlan(serve.PlanOptions{Pairs: []string{"primary=healthy"}, Host: "0.0.0.0", Token: token})
	if err != nil {
		t.Fatal(err)
	}
	defer plan.Close()
	if err := plan.Listen(t.Context()); err != nil {
		t.Fatal(err)
	}
	set, err := plan.Start()
	if err != nil {
		t.Fatal(err)
	}
	defer set.Close()
	var printed strings.Builder
	plan.Print(&printed)
	env := map[string]string{}
	for line := range strings.Lines(printed.String()) {
		name, value, _ := strings.Cut(strings.TrimPrefix(strings.TrimSpace(line), "export "), "=")
		env[name] = value
	}
	for _, name := range []string{"OPENAI_BASE_URL", "CHAOSRUN_ADMIN_URL"} {
		if !strings.HasPrefix(env[name], "http://127.0.0.1:") {
			t.Errorf("%s is %q, want it on 127.0.0.1", name, env[name])
		}
	}
	for host, want := range map[string]int{"": http.StatusOK, "rebound.example.org": http.StatusForbidden} {
		req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, env["OPENAI_BASE_URL"]+"/models", nil)
		if err != nil {
			t.Fatal(err)
		}
		req.Host = host
		resp, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		resp.Body.Close()
		if resp.StatusCode != want {
			t.Errorf("host %q: got %d, want %d", host, resp.StatusCode, want)
		}
	}
}
