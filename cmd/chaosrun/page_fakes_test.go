package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"net/http"
	"os"
	"regexp"
	"strings"
	"time"
)

// Stand-ins for the programs of docs/GATEWAY.md.

// pip installs nothing.
func pip() {}

// curl asks a URL, the last of its arguments, and fails for a status that is no success.
func curl() {
	url := os.Args[len(os.Args)-1]
	req, err := http.NewRequestWithContext(context.Background(), http.MethodGet, url, http.NoBody)
	if err != nil {
		os.Exit(3) //nolint:revive // it is a program of its own
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil || resp.Body.Close() != nil || resp.StatusCode >= http.StatusBadRequest {
		os.Exit(22) //nolint:revive // it is a program of its own
	}
}

// litellm is a gateway with the configuration file of LiteLLM's proxy, as far as the page needs it:
// the providers in their order, and stream_timeout, the longest pause between two pieces of data.
// Without one it waits for ever.
func litellm() {
	flags := flag.NewFlagSet("litellm", flag.ExitOnError)
	config, host, port := flags.String("config", "", ""), flags.String("host", "", ""), flags.String("port", "", "")
	_ = flags.Parse(os.Args[1:]) // it exits
	text, err := os.ReadFile(*config)
	if err != nil {
		fmt.Println(err)
		os.Exit(1) //nolint:revive // it is a program of its own
	}
	g := bytesGateway{key: os.Getenv("LITELLM_MASTER_KEY")}
	for _, m := range regexp.MustCompile(`api_base: "([^"]+)"`).FindAllStringSubmatch(string(text), -1) {
		g.providers = append(g.providers, m[1])
	}
	if m := regexp.MustCompile(`stream_timeout: (\d+)`).FindStringSubmatch(string(text)); m != nil {
		g.patience, _ = time.ParseDuration(m[1] + "s") // it has digits alone
	}
	mux := http.NewServeMux()
	mux.HandleFunc("/health/liveliness", func(http.ResponseWriter, *http.Request) {})
	mux.Handle("/v1/chat/completions", g)
	server := http.Server{Addr: *host + ":" + *port, Handler: mux, ReadHeaderTimeout: time.Minute}
	fmt.Println(server.ListenAndServe())
}

// A bytesGateway hands a request to one provider after the other, until one sends a byte in time.
type bytesGateway struct {
	providers []string
	key       string
	patience  time.Duration
}

// ServeHTTP answers a call.
func (g bytesGateway) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil || g.key == "" || r.Header.Get("Authorization") != "Bearer "+g.key {
		http.Error(w, `{"error": {"message": "no"}}`, http.StatusUnauthorized)
		return
	}
	for _, base := range g.providers {
		if g.ask(w, r, base, string(body)) {
			return
		}
	}
	http.Error(w, `{"error": {"message": "no provider answers"}}`, http.StatusBadGateway)
}

// ask hands on the answer of a provider. It returns false if none of it was handed on.
func (g bytesGateway) ask(w http.ResponseWriter, r *http.Request, base, body string) (begun bool) {
	ctx, cancel := context.WithCancel(r.Context())
	defer cancel()
	progress := func() {}
	if g.patience > 0 {
		timer := time.AfterFunc(g.patience, cancel)
		defer timer.Stop()
		progress = func() { timer.Reset(g.patience) }
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, base+"/chat/completions", strings.NewReader(body))
	if err != nil {
		return false
	}
	req.Header.Set("Authorization", "Bearer sk-any")
	req.Header.Set("Content-Type", "application/json")
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return false
	}
	defer func() { _ = resp.Body.Close() }()
	if resp.StatusCode != http.StatusOK {
		return false
	}
	for piece := make([]byte, 4096); ; {
		n, err := resp.Body.Read(piece)
		if n > 0 {
			progress()
			begun = true
			w.Header().Set("Content-Type", resp.Header.Get("Content-Type"))
			_, _ = w.Write(piece[:n])
			_ = http.NewResponseController(w).Flush()
		}
		switch {
		case errors.Is(err, io.EOF):
			return true
		case err != nil && begun:
			panic(http.ErrAbortHandler)
		case err != nil:
			return false
		}
	}
}
