package serve_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"strings"
	"testing"

	"github.com/chaosrun/chaosrun/scenarios"
	"github.com/chaosrun/chaosrun/serve"
)

// A plan is checked, listens, serves and prints what clients have to be told.
func ExampleNewPlan() {
	plan, err := serve.NewPlan(serve.PlanOptions{
		Pairs: []string{"primary=heartbeat-only,every=5s", "secondary=healthy"}, Token: "secret",
	})
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

func TestPlansThatAreRefused(t *testing.T) {
	two := []serve.Upstream{{Listen: "127.0.0.1:0"}, {Listen: "127.0.0.1:0", Protocol: "gemini"}}
	for want, o := range map[string]serve.PlanOptions{
		"there is nothing to serve": {},
		`no such protocol: "openai-caht" (did you mean "openai-chat"?)`: {
			Protocol: "openai-caht", Pairs: []string{"a=silence"},
		},
		"stands among NAME=FAULT pairs":                {Pairs: []string{"a=silence", "b"}},
		"is made of small letters, digits and hyphens": {Pairs: []string{"A=silence"}},
		`there are two providers called "a"`:           {Pairs: []string{"a=silence", "a=healthy"}},
		"no such fault":                                {Pairs: []string{"a=silenc"}},
		"has 2 upstreams, too few for 3 providers": {
			Upstreams: two, Pairs: []string{"a=silence", "b=silence", "c=silence"},
		},
		"a: the fault connect-blackhole cannot be had in the serve world": {Pairs: []string{"a=connect-blackhole"}},
		`no such protocol: "gemni"`: {
			Upstreams: []serve.Upstream{{Listen: "127.0.0.1:0", Protocol: "gemni"}},
		},
	} {
		_, err := serve.NewPlan(o)
		if usage, ok := errors.AsType[*serve.UsageError](err); !ok || !strings.Contains(usage.Error(), want) {
			t.Errorf("got %v, want a usage error with %q", err, want)
		}
	}
	_, err := serve.NewPlan(serve.PlanOptions{Pairs: []string{"a=tls-alert"}})
	if needs, ok := errors.AsType[*serve.NeedsTLSError](err); !ok || needs.Provider != "a" ||
		needs.Fault != "tls-alert" {
		t.Errorf("got %v, want that it needs TLS", err)
	}
}

// A fault of HTTP/2 and one that needs HTTP/1.1 cannot be had of one provider.
func TestFaultsBesideOneOfHTTP2(t *testing.T) {
	words := scenarios.Shipped()
	s, err := words.Load("both.yaml",
		[]byte("scenario: both\nproviders: [{name: a, on_request: [http2-goaway, tls-alert]}]\nexpect: [no_leaks]\n"))
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
