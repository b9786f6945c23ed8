package cli

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"slices"
	"strings"
	"time"

	"github.com/chaosrun/chaosrun/campaign"
	"github.com/chaosrun/chaosrun/internal/atomicfile"
	"github.com/chaosrun/chaosrun/serve"
)

type serveCmd struct {
	What []string `arg:"" optional:"" name:"what" help:"A scenario by name or file, or NAME=FAULT pairs. Default: with --target, healthy providers."`

	Target     string        `placeholder:"NAME|FILE" help:"Serve at the upstreams of a target, bound by position."`
	Protocol   string        `default:"openai-chat" placeholder:"NAME" help:"Protocol of providers that name none; see: chaosrun list protocols. Default: openai-chat."`
	Port       int           `placeholder:"N" help:"Port of the first provider; the others follow it. Default: free ports."`
	Listen     string        `default:"127.0.0.1" placeholder:"HOST" help:"Address of the providers. They accept any key, so expose them only on purpose. Default: 127.0.0.1."`
	Host       []string      `placeholder:"NAME" help:"Accept requests for this host name too. Default: addresses, localhost and names of one word only, so that web pages cannot ask."`
	AdminPort  int           `placeholder:"N" help:"Port of the admin API on 127.0.0.1. Default: a free port."`
	AdminToken *string       `env:"CHAOSRUN_ADMIN_TOKEN" placeholder:"TOKEN" help:"Bearer token of the admin API. Default: a random one, printed at the start."`
	Seed       uint64        `default:"1" help:"Seed of all random choices. Default: 1."`
	FixedIDs   bool          `name:"fixed-ids" help:"Use the same ids, padding, date and counters in every response, so that responses can be compared byte by byte."`
	TLS        bool          `name:"tls" help:"Serve HTTPS with a new certificate, and HTTP/2 if the client offers it."`
	TLSCA      string        `name:"tls-ca" placeholder:"FILE" help:"Where to write the certificate authority for clients to trust. Default: a new temporary file."`
	Drain      time.Duration `default:"5s" help:"Time for open requests to end after Ctrl-C. Default: 5s."`
	Timeline   string        `placeholder:"FILE" help:"Write the timeline to FILE at the end, as JSON."`
}

// Help returns the text below the flags.
func (serveCmd) Help() string {
	return `Examples:
  chaosrun serve heartbeat-only --port 4010
  chaosrun serve primary=heartbeat-only,every=5s secondary=healthy --protocol anthropic-messages
  chaosrun serve --target my-engine.yaml --timeline timeline.json

Ctrl-C waits for open requests, at most --drain, and exits with 0. A second Ctrl-C exits at once, with 130.
A request can select its own fault: with the header X-Chaosrun-Fault: rate-limited, or the model gpt-4o@rate-limited.`
}

// Run serves until it is interrupted.
func (k *serveCmd) Run(c console) error {
	o, err := k.planOptions(c)
	if err != nil {
		return err
	}
	plan, err := serve.NewPlan(o)
	if err != nil {
		return err
	}
	defer plan.Close()
	if err := plan.Listen(c.ctx); err != nil {
		return err
	}
	set, err := plan.Start()
	if err != nil {
		return err
	}
	defer set.Close()
	var where strings.Builder
	plan.Print(&where)
	c.sayShell(where.String())
	return k.waitAndDrain(c, set)
}

// planOptions validates the flags and converts them.
func (k *serveCmd) planOptions(c console) (serve.PlanOptions, error) {
	o := serve.PlanOptions{
		Protocol: k.Protocol, Host: k.Listen, Hosts: k.Host, Port: k.Port, AdminPort: k.AdminPort, Seed: k.Seed,
		FixedIDs: k.FixedIDs, TLS: k.TLS, CA: k.TLSCA, Vocabulary: c.Vocabulary,
	}
	if err := k.checkFlags(); err != nil {
		return o, err
	}
	if o.Token = rand.Text(); k.AdminToken != nil {
		o.Token = *k.AdminToken
	}
	if k.Target != "" {
		upstreams, err := c.upstreams(k.Target)
		if err != nil {
			return o, err
		}
		o.Upstreams = upstreams
	}
	switch {
	case len(k.What) == 0:
	case slices.ContainsFunc(k.What, isPair):
		o.Pairs = k.What
	default:
		found, err := campaign.Select(c.Vocabulary, k.What)
		if err != nil {
			return o, err
		}
		if len(found) != 1 {
			return o, usage("the arguments match %d scenarios, want one", len(found))
		}
		o.Scenario = &found[0]
	}
	return o, nil
}

func (k *serveCmd) checkFlags() error {
	const highest = 65535
	for flag, port := range map[string]int{"--port": k.Port, "--admin-port": k.AdminPort} {
		if port < 0 || port > highest {
			return usage("%s %d: a port is a number from 1 to %d", flag, port, highest)
		}
	}
	switch {
	case k.Drain < 0:
		return usage("--drain %s is negative: want 0 or more", k.Drain)
	case k.Target != "" && k.Port != 0:
		return usage("--port and --target both set the port: remove one of the two")
	case k.Target == "" && len(k.What) == 0:
		return usage("nothing to serve: name a scenario, NAME=FAULT pairs, or --target FILE; see: chaosrun " +
			"serve --help")
	case k.TLSCA != "" && !k.TLS:
		return usage("--tls-ca needs --tls")
	case k.AdminToken != nil && *k.AdminToken == "":
		return usage("--admin-token (or CHAOSRUN_ADMIN_TOKEN) is empty: leave it out for a random one")
	case k.AdminToken != nil && strings.Trim(*k.AdminToken, tokenSigns) != "":
		return usage("--admin-token (or CHAOSRUN_ADMIN_TOKEN) may have letters, digits and -._~+/= only")
	}
	return writable("--timeline", k.Timeline)
}

// tokenSigns are the characters of a bearer token
// (https://www.rfc-editor.org/rfc/rfc6750#section-2.1).
const tokenSigns = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~+/="

// writable checks at the start that a file can be written at the end. "" means no file.
func writable(flag, name string) error {
	if name == "" {
		return nil
	}
	if known, err := os.Stat(name); err == nil && known.IsDir() {
		return usage("%s %s: it is a directory", flag, name)
	}
	if err := atomicfile.Check(name); err != nil {
		return usage("%s: %v", flag, err)
	}
	return nil
}

// isPair reports whether an argument has the form NAME=FAULT.
func isPair(arg string) bool { return strings.Contains(arg, "=") && !campaign.IsFile(arg) }

// waitAndDrain waits for the interrupt, drains, and writes the timeline.
func (k *serveCmd) waitAndDrain(c console, set *serve.Set) error {
	<-c.ctx.Done()
	// From here, an interrupt is the second one.
	again, stop := signal.NotifyContext(context.WithoutCancel(c.ctx), endings()...)
	defer stop()
	fmt.Fprintf(c.err, "draining: %d open, at most %s; press Ctrl-C again to stop at once\n", set.Open(), k.Drain)
	drain, cancel := context.WithTimeout(again, k.Drain)
	defer cancel()
	// Close cuts requests that are still open. The timeline shows them as open.
	if err := set.Drain(drain); err != nil && again.Err() == nil {
		fmt.Fprintf(c.err, "cut %d open after %s\n", set.Open(), k.Drain)
	}
	if err := k.writeTimeline(set); err != nil {
		return err
	}
	if again.Err() != nil {
		return &exitError{code: ExitInterrupted, err: errors.New("interrupted while draining")}
	}
	return nil
}

func (k *serveCmd) writeTimeline(set *serve.Set) error {
	if k.Timeline == "" {
		return nil
	}
	data, err := json.MarshalIndent(set.Timeline(), "", "  ")
	if err != nil {
		return err
	}
	if err := atomicfile.Write(k.Timeline, append(data, '\n'), 0o644); err != nil {
		return &exitError{code: ExitUsage, err: err}
	}
	return nil
}
