package serve_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/chaosrun/chaosrun/internal/strictyaml"
	"github.com/chaosrun/chaosrun/scenarios"
	"github.com/chaosrun/chaosrun/serve"
)

// A plan is checked, listens, serves and prints what clients have to be told.
func ExampleNewPlan() {
	plan, err := serve.NewPlan(serve.PlanOptions{Pairs: []string{"primary=heartbeat-only,every=5s", "secondary=healthy"}, Token: "secret"})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer plan.Close()
	if err := plan.Listen(context.Background()); err != nil {
		fmt.Println(err)
		return
	}
	set, err := plan.Start()
	if err != nil {
		fmt.Println(err)
		return
	}
	defer set.Close()
	var text bytes.Buffer
	plan.Print(&text)
	first, _, _ := strings.Cut(text.String(), "\n")
	fmt.Println(first)
	// Output: # primary: openai-chat, heartbeat-only
}

func target(t *testing.T, text string) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "target.yaml")
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

func TestPlansThatAreRefused(t *testing.T) {
	two := target(t, "target: x\nupstreams: [{listen: 127.0.0.1:0}, {listen: 127.0.0.1:0, protocol: gemini}]\n")
	for want, o := range map[string]serve.PlanOptions{
		"there is nothing to serve":                                       {},
		`no such protocol: "openai-caht" (did you mean "openai-chat"?)`:   {Protocol: "openai-caht", Pairs: []string{"a=silence"}},
		"stands among NAME=FAULT pairs":                                   {Pairs: []string{"a=silence", "b"}},
		"is made of small letters, digits and hyphens":                    {Pairs: []string{"A=silence"}},
		`there are two providers called "a"`:                              {Pairs: []string{"a=silence", "a=healthy"}},
		"no such fault":                                                   {Pairs: []string{"a=silenc"}},
		"has 2 upstreams, too few for 3 providers":                        {Target: two, Pairs: []string{"a=silence", "b=silence", "c=silence"}},
		"a: the fault connect-blackhole cannot be had in the serve world": {Pairs: []string{"a=connect-blackhole"}},
		"missing.yaml": {Target: "missing.yaml"},
	} {
		_, err := serve.NewPlan(o)
		if usage, ok := errors.AsType[*serve.UsageError](err); !ok || !strings.Contains(usage.Error(), want) {
			t.Errorf("got %v, want a usage error with %q", err, want)
		}
	}
	_, err := serve.NewPlan(serve.PlanOptions{Pairs: []string{"a=tls-alert"}})
	if needs, ok := errors.AsType[*serve.NeedsTLSError](err); !ok || needs.Provider != "a" || needs.Fault != "tls-alert" {
		t.Errorf("got %v, want that it needs TLS", err)
	}
	_, err = serve.NewPlan(serve.PlanOptions{Target: target(t, "target: x\nupstraems: []\nselect: model\n")})
	if problems, ok := errors.AsType[strictyaml.Problems](err); !ok || len(problems) != 2 {
		t.Errorf("got %v, want two problems of the file", err)
	}
}

// A fault of HTTP/2 and one that needs HTTP/1.1 cannot be had of one provider.
func TestFaultsBesideOneOfHTTP2(t *testing.T) {
	words := scenarios.Shipped()
	s, err := words.Load("both.yaml", []byte("scenario: both\nproviders: [{name: a, on_request: [http2-goaway, tls-alert]}]\nexpect: [no_leaks]\n"))
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range words.FaultNames() {
		fault, err := words.ParseFault(name)
		if err != nil {
			continue
		}
		s.Providers[0].OnRequest[1] = fault
		_, planned := serve.NewPlan(serve.PlanOptions{Scenario: &s, TLS: true})
		info, _ := words.Fault(name)
		if refused := planned != nil; refused != (info.HTTP1 || info.Cannot["serve"] != "") {
			t.Errorf("%s beside a fault of HTTP/2: got %v", name, planned)
		}
	}
}

func TestAPortInUse(t *testing.T) {
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	port := taken.Addr().(*net.TCPAddr).Port
	plan, err := serve.NewPlan(serve.PlanOptions{Pairs: []string{"a=healthy"}, Port: port, Token: "secret"})
	if err != nil {
		t.Fatal(err)
	}
	err = plan.Listen(t.Context())
	if usage, ok := errors.AsType[*serve.UsageError](err); !ok || !strings.Contains(usage.Error(), "is in use") {
		t.Errorf("got %v", err)
	}
}
