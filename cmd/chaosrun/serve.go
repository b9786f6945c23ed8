package main

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"time"

	"github.com/chaosrun/chaosrun/fakeprovider"
	"github.com/chaosrun/chaosrun/serve"
)

type serveCmd struct {
	What []string `arg:"" optional:"" name:"what" help:"A scenario by name or file, or NAME=FAULT pairs. Default: with --target, healthy providers."`

	Target     string        `placeholder:"FILE" help:"Serve at the upstreams of a target file, bound by position."`
	Protocol   string        `default:"openai-chat" placeholder:"NAME" help:"Protocol of providers that name none; see: chaosrun list protocols. Default: openai-chat."`
	Port       int           `placeholder:"N" help:"Port of the first provider; the others follow it. Default: free ports."`
	Listen     string        `default:"127.0.0.1" placeholder:"HOST" help:"Address of the providers, which ask for no real key: let others reach it on purpose only. Default: 127.0.0.1."`
	AdminPort  int           `placeholder:"N" help:"Port of the admin API, which always is on 127.0.0.1. Default: a free port."`
	AdminToken string        `env:"CHAOSRUN_ADMIN_TOKEN" placeholder:"TOKEN" help:"Bearer token of the admin API. Default: a new one, printed at the start."`
	Seed       uint64        `default:"1" help:"What all chance is drawn from. Default: 1."`
	FixedIDs   bool          `name:"fixed-ids" help:"The same ids, padding, date and counters in every response, so that bytes can be compared."`
	TLS        bool          `name:"tls" help:"HTTPS with a certificate made at the start, and HTTP/2 where the client offers it."`
	TLSCA      string        `name:"tls-ca" placeholder:"FILE" help:"Where to write the certificate authority that clients have to trust. Default: a new temporary file."`
	Drain      time.Duration `default:"5s" help:"How long what is under way may go on after Ctrl-C. Default: 5s."`
	Timeline   string        `placeholder:"FILE" help:"Write the timeline there at the end, as JSON."`
}

// Help is shown below the flags.
func (serveCmd) Help() string {
	return `Examples:
  chaosrun serve heartbeat-only --port 4010
  chaosrun serve primary=heartbeat-only,every=5s secondary=healthy --protocol anthropic-messages
  chaosrun serve --target my-engine.yaml --timeline timeline.json

Ctrl-C lets what is under way end, for as long as --drain says, and exits with 0. A second Ctrl-C ends at once, with 130.
A single request may choose what it gets, with the header X-Chaosrun-Fault: rate-limited or a model called gpt-4o@rate-limited.`
}

// Run serves until it is interrupted.
func (k *serveCmd) Run(c console) error {
	plan, err := k.plan()
	if err != nil {
		return err
	}
	if k.AdminToken == "" {
		k.AdminToken = rand.Text()
	}
	if err := plan.secure(k); err != nil {
		return err
	}
	defer plan.clean()
	if err := plan.listen(c.ctx, k); err != nil {
		return err
	}
	set, err := serve.Start(serve.Options{
		Name: plan.name, Providers: plan.providers(), Seed: k.Seed, FixedIDs: k.FixedIDs, Admin: plan.admin, Token: k.AdminToken, TLS: plan.tls,
	})
	if err != nil {
		return err
	}
	defer set.Close()
	plan.print(c.out, k.AdminToken)
	return k.stand(c, set)
}

// stand waits for the interrupt, drains, and writes the timeline.
func (k *serveCmd) stand(c console, set *serve.Set) error {
	<-c.ctx.Done()
	// From here on an interrupt is a second one.
	again, stop := signal.NotifyContext(context.WithoutCancel(c.ctx), os.Interrupt, syscall.SIGTERM)
	defer stop()
	fmt.Fprintf(c.err, "draining: %d under way, %s at most; Ctrl-C again ends at once\n", set.Open(), k.Drain)
	drain, cancel := context.WithTimeout(again, k.Drain)
	defer cancel()
	// What has not ended by then is cut by Close; the timeline shows it as open.
	if err := set.Drain(drain); err != nil && again.Err() == nil {
		fmt.Fprintf(c.err, "cut %d that had not ended after %s\n", set.Open(), k.Drain)
	}
	if err := k.writeTimeline(set); err != nil {
		return err
	}
	if again.Err() != nil {
		return &exitError{code: exitInterrupted, err: errors.New("interrupted while draining")}
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
	if err := os.WriteFile(k.Timeline, append(data, '\n'), 0o644); err != nil { //nolint:gosec // a report is for others to read
		return &exitError{code: exitUsage, err: err}
	}
	return nil
}

// secure makes the certificate, if there is to be one.
func (p *servePlan) secure(k *serveCmd) error {
	if !k.TLS {
		if k.TLSCA != "" {
			return usage("--tls-ca needs --tls")
		}
		return nil
	}
	config, ca, err := fakeprovider.NewTLS(p.hosts()...)
	if err != nil {
		return err
	}
	p.tls, p.ca = config, k.TLSCA
	if p.ca != "" {
		if err := os.WriteFile(p.ca, ca, 0o644); err != nil { //nolint:gosec // a certificate is public
			return &exitError{code: exitUsage, err: err}
		}
		return nil
	}
	file, err := os.CreateTemp("", "chaosrun-ca-*.pem")
	if err != nil {
		return err
	}
	p.ca, p.remove = file.Name(), file.Name()
	_, err = file.Write(ca)
	return errors.Join(err, file.Close())
}

// clean removes the file that nobody asked for by name.
func (p *servePlan) clean() {
	if p.remove != "" {
		_ = os.Remove(p.remove) // left behind in a temporary folder it does no harm
	}
}

// isPair says whether an argument is NAME=FAULT.
func isPair(arg string) bool { return strings.Contains(arg, "=") && !isFile(arg) }
