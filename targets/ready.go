package targets

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/chaosrun/chaosrun/harness"
)

const (
	// readyWithin is the default time that a gateway has to become ready.
	readyWithin = 60 * time.Second
	// readyEvery is the time between two looks. Each look may take lookWithin.
	readyEvery = 100 * time.Millisecond
	lookWithin = 5 * time.Second
	// portTries is how many other ports are tried if another program took the first one.
	portTries = 4
)

// startGateway starts a gateway and waits until it is ready.
func (p *pool) startGateway(lab harness.Lab) (*instance, error) {
	in, err := p.prepare(lab)
	if err != nil {
		return nil, err
	}
	for try := 1; ; try++ {
		if err = in.startGateway(lab.Context()); err == nil {
			return in, nil
		}
		if try == portTries || lab.Context().Err() != nil || !taken(err.Error()) {
			in.close()
			return nil, err
		}
		in.proc.Kill()
	}
}

// taken reports whether a message says that another program has the port.
func taken(text string) bool {
	text = strings.ToLower(text)
	return strings.Contains(text, "address already in use") || strings.Contains(text, "eaddrinuse")
}

// startGateway tries one port.
func (in *instance) startGateway(ctx context.Context) error {
	port, err := freePortNumber()
	if err != nil {
		return err
	}
	in.values.port, in.values.url = port, "http://127.0.0.1:"+port
	if err := in.fill(); err != nil {
		return err
	}
	if in.proc, err = in.run(ctx, in.target.start().Command, in.output, strings.NewReader("")); err != nil {
		return err
	}
	return in.ready(ctx)
}

// The ports of gateways are below those that systems give to connections, so that none takes one
// between the choice and the start: Linux begins at 32768, others at 49152.
const (
	firstPort = 20_000
	lastPort  = 32_000
)

// freePortNumber returns a free port.
func freePortNumber() (string, error) {
	var last error
	for range 100 {
		port := strconv.Itoa(firstPort + rand.IntN(lastPort-firstPort))
		var config net.ListenConfig
		l, err := config.Listen(context.Background(), "tcp", "127.0.0.1:"+port)
		if err == nil {
			return port, l.Close()
		}
		last = err
	}
	return "", fmt.Errorf("no free port: %w", last)
}

// ready waits until the gateway answers. It looks on the real clock.
func (in *instance) ready(ctx context.Context) error {
	within, look, what := readyWithin, in.connects, "port "+in.values.port
	if r := in.target.start().Ready; r != nil {
		if r.Within > 0 {
			within = r.Within
		}
		if r.Get != "" {
			url, err := in.values.expand(r.Get)
			if err != nil {
				return fmt.Errorf("start.ready: %w", err)
			}
			what, look = "GET "+url, func(ctx context.Context) error { return answers(ctx, url) }
		}
	}
	limit := time.NewTimer(within)
	defer limit.Stop()
	again := time.NewTicker(readyEvery)
	defer again.Stop()
	for {
		select { // check this before the look, which may reach another program at that port
		case <-in.proc.Done():
			return fmt.Errorf("%s before it was ready%s%s", in.ended(), in.said(), in.target.hint("; "))
		default:
		}
		looking, cancel := context.WithTimeout(ctx, lookWithin)
		err := look(looking)
		cancel()
		if err == nil {
			return nil
		}
		select {
		case <-in.proc.Done():
		case <-again.C:
		case <-ctx.Done():
			return errors.New("interrupted before it was ready")
		case <-limit.C:
			return fmt.Errorf("not ready within %s: %s: %s%s", within, what, plainly(err), in.said())
		}
	}
}

// answers returns nil if a URL answers with a 2xx status.
func answers(ctx context.Context, url string) error {
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, url, http.NoBody)
	if err != nil {
		return err //nolint:wrapcheck // its text is for the user
	}
	transport := &http.Transport{DisableKeepAlives: true} // and no proxy
	resp, err := (&http.Client{Transport: transport}).Do(r)
	if err != nil {
		return err //nolint:wrapcheck // its text is for the user
	}
	defer resp.Body.Close()
	_, _ = io.CopyN(io.Discard, resp.Body, 1<<20)
	if resp.StatusCode < http.StatusOK || resp.StatusCode >= http.StatusMultipleChoices {
		return errors.New("it answered " + resp.Status)
	}
	return nil
}

// connects returns nil if a program listens on the port.
func (in *instance) connects(ctx context.Context) error {
	conn, err := (&net.Dialer{}).DialContext(ctx, "tcp", "127.0.0.1:"+in.values.port)
	if err != nil {
		return err //nolint:wrapcheck // its text is for the user
	}
	return conn.Close() //nolint:wrapcheck // nothing was written
}

// plainly returns the last part of a network error: "connection refused".
func plainly(err error) string {
	if errors.Is(err, context.DeadlineExceeded) {
		return "no answer"
	}
	text := err.Error()
	if i := strings.LastIndex(text, ": "); i >= 0 {
		text = text[i+2:]
	}
	return text
}
