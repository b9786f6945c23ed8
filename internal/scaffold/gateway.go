package scaffold

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"net"
	"net/netip"
	"net/url"
	"path"
	"slices"
	"strconv"
	"strings"
)

// A Gateway is a gateway that runs already.
type Gateway struct {
	// URL is the base URL as its clients have it.
	URL string
	// Protocol is the protocol of its clients and its providers. Default: openai-chat.
	Protocol string
	// Model is the model that its clients ask for. Default: primary.
	Model string
	// Listen is where the first provider listens here, HOST:PORT; the second has the next free
	// port. Default: 127.0.0.1:4010, or 0.0.0.0:4010 with Advertise.
	Listen string
	// Advertise is the host under which the gateway reaches this machine. Default: that of Listen.
	Advertise string
	// Known are the names of the gateways that ship, for a hint. Default: none.
	Known []string
}

// An Upstream is a provider as the gateway has to know it.
type Upstream struct {
	Name string
	// Listen is its address here, HOST:PORT, and Origin what the gateway is told, as in
	// http://127.0.0.1:4010. BaseURL is that as the protocol's SDKs want it.
	Listen, Origin, BaseURL string
	// Key and Model are accepted by the provider, as any others are.
	Key, Model string
}

// A Configured is what a gateway of a known kind is configured with.
type Configured struct {
	// Files are configuration files, by name.
	Files map[string]string
	// Protocol, Model and Headers are those of its clients.
	Protocol, Model string
	Headers         map[string]string
}

// The names, keys and ports of the providers.
const (
	firstPort = 4010
	mostPorts = 90 // are tried
	anyKey    = "sk-any"
	// keyVariable is the variable with the key of the gateway's clients.
	keyVariable = "GATEWAY_KEY"
)

// running plans the target file of a gateway that runs already.
func (p *Plan) running(s Start) (pipeline, error) {
	g := s.Gateway
	g.Protocol, g.Model = cmp.Or(g.Protocol, "openai-chat"), cmp.Or(g.Model, "primary")
	base, err := g.check()
	if err != nil {
		return pipeline{}, err
	}
	upstreams, err := p.addresses(g)
	if err != nil {
		return pipeline{}, err
	}
	known := Configured{Protocol: g.Protocol, Model: g.Model}
	if configure := s.Shipped.Configure; s.Shipped.Name != "" {
		if configure == nil {
			return pipeline{},
				usage("--from %s --gateway: %[1]s is a %s, and no gateway", s.Shipped.Name, s.Shipped.Kind)
		}
		if known, err = configure(strings.TrimSuffix(base.String(), "/"), upstreams); err != nil {
			return pipeline{}, err
		}
	}
	if base.Path = strings.TrimSuffix(base.Path, "/"); base.Path == "" && strings.HasPrefix(known.Protocol, "openai-") {
		base.Path = "/v1"
		p.Notes = append(p.Notes, "The base URL is "+base.String()+": OpenAI's clients want the /v1.")
	}
	file := s.Name + "/target.yaml"
	p.Files[file] = targetFile(s, g, base.String(), known, upstreams)
	for name, text := range known.Files {
		p.Files[s.Name+"/"+path.Base(name)] = []byte(text)
	}
	p.Paste = paste(s, known, upstreams)
	if s.Shipped.Name == "" || len(known.Files) > 0 {
		p.Next = append(p.Next, "paste the lines above into your gateway's configuration, and start it again")
	}
	p.Next = append(p.Next,
		"export "+keyVariable+"=sk-any      # the key that your gateway's clients have",
		"chaosrun run heartbeat-only --target "+file+" --clock wall",
		"chaosrun run --tags core --target "+file+" --clock wall")
	line := pipeline{tool: "go", minutes: 60, secret: keyVariable}
	line.steps = []step{
		{comment: "Yours: start the gateway in the background, configured for the providers in " + file +
			", and wait until it answers.", run: "./start-gateway.sh"},
		line.install(s),
		{run: s.runCore(file, " --clock wall")},
	}
	return line, nil
}

// check parses the URL. A gateway on another machine needs a name of this one.
func (g Gateway) check() (*url.URL, error) {
	u, err := url.Parse(g.URL)
	bad := err != nil
	if !bad && u.Port() != "" {
		port, err := strconv.Atoi(u.Port())
		bad = err != nil || port < 1 || port > 65535
	}
	switch {
	case bad, u.Hostname() == "", u.Scheme != "http" && u.Scheme != "https":
		return nil, usage("--gateway: this is no URL of a gateway: write it as its clients have it, as in " +
			"http://127.0.0.1:8080/v1")
	case u.User != nil:
		return nil, usage("--gateway: leave name and password out of the URL: the key comes from $%s when scenarios "+
			"are run", keyVariable)
	case u.RawQuery != "" || u.Fragment != "":
		return nil, usage("--gateway: a base URL has no ? and no #: write it as its clients have it, as in " +
			"http://127.0.0.1:8080/v1")
	case g.Advertise == "" && !loopback(u.Hostname()):
		return nil, usage(`--gateway: %s is not this machine, and cannot reach the providers on 127.0.0.1 of this one
  on your own network, or in a container: add --advertise with a name of this machine that it can reach, such as host.docker.internal
  offered as a service: it reaches no machine of yours, and cannot be tested; run it, or what stands behind it, on this machine`,
			u.Hostname())
	}
	return u, nil
}

// loopback reports whether a host is this machine.
func loopback(host string) bool {
	if host == "localhost" || strings.HasSuffix(host, ".localhost") {
		return true
	}
	addr, err := netip.ParseAddr(host)
	return err == nil && (addr.Unmap().IsLoopback() || addr.IsUnspecified())
}

// addresses chooses two ports that nobody listens on.
func (p *Plan) addresses(g Gateway) ([]Upstream, error) {
	if strings.ContainsAny(g.Advertise, "/:@?# ") {
		return nil, usage("--advertise %s: write a host alone, as in host.docker.internal", g.Advertise)
	}
	listen := g.Listen
	if listen == "" && g.Advertise != "" {
		listen = "0.0.0.0"
		p.Notes = append(p.Notes,
			"The providers listen on every address of this machine while chaosrun runs: --listen HOST:PORT says which.")
	}
	host, port := cmp.Or(listen, "127.0.0.1"), firstPort
	if h, text, err := net.SplitHostPort(listen); err == nil {
		if port, err = strconv.Atoi(text); err != nil || port < 1 || port > 65534 {
			return nil, usage("--listen %s: write HOST:PORT, as in 127.0.0.1:4010", g.Listen)
		}
		host = h
	}
	if _, err := netip.ParseAddr(host); err != nil && host != "localhost" {
		return nil, usage("--listen %s: write an address of this machine and a port, as in 127.0.0.1:4010", g.Listen)
	}
	var all []Upstream
	var taken []string
	for _, name := range []string{"primary", "secondary"} {
		for !free(host, port) {
			taken = append(taken, strconv.Itoa(port))
			port++
			if len(taken) > mostPorts || port > 65535 {
				return nil, usage("no port is free on %s: %s are taken; write --listen HOST:PORT", host,
					strings.Join(taken, ", "))
			}
		}
		address := net.JoinHostPort(host, strconv.Itoa(port))
		origin := "http://" + net.JoinHostPort(cmp.Or(g.Advertise, host), strconv.Itoa(port))
		base := origin
		if strings.HasPrefix(g.Protocol, "openai-") {
			base += "/v1"
		}
		all = append(all, Upstream{
			Name: name, Listen: address, Origin: origin, BaseURL: base, Key: anyKey, Model: name + "-model",
		})
		port++
	}
	if taken != nil {
		p.Notes = append(p.Notes, fmt.Sprintf("Somebody listens on port %s already, so the providers have others.",
			strings.Join(taken, ", ")))
	}
	return all, nil
}

// free reports whether a port can be listened on.
func free(host string, port int) bool {
	l, err := (&net.ListenConfig{}).Listen(context.Background(), "tcp", net.JoinHostPort(host, strconv.Itoa(port)))
	if err != nil {
		return false
	}
	return l.Close() == nil
}

// targetFile returns the target file. JSON strings are YAML strings.
func targetFile(s Start, g Gateway, base string, known Configured, upstreams []Upstream) []byte {
	q := func(text string) string {
		data, _ := json.Marshal(text) //nolint:errchkjson // a string
		return string(data)
	}
	var b strings.Builder
	fmt.Fprintf(&b,
		`# A gateway that runs already. Every key is explained in https://github.com/chaosrun/chaosrun/blob/main/docs/TARGETS.md
target: %s
kind: gateway
`, s.Name)
	if g.Protocol != "openai-chat" || known.Protocol != g.Protocol {
		fmt.Fprintf(&b, "protocols: [%s] # what its providers speak\n", g.Protocol)
	}
	b.WriteString("upstreams: # where its providers are while a scenario runs\n")
	for _, u := range upstreams {
		advertise := ""
		if u.Origin != "http://"+u.Listen {
			advertise = ", advertise: " + q(u.Origin)
		}
		fmt.Fprintf(&b, "  - {listen: %s%s}\n", q(u.Listen), advertise)
	}
	fmt.Fprintf(&b, "call: # what its clients send\n  protocol: %s\n  base_url: %s\n  model: %s\n  key: \"${%s}\"\n",
		known.Protocol, q(base), q(known.Model), keyVariable)
	if len(known.Headers) > 0 {
		b.WriteString("  headers:\n")
	}
	for _, name := range slices.Sorted(maps.Keys(known.Headers)) {
		fmt.Fprintf(&b, "    %s: %s\n", name, q(known.Headers[name]))
	}
	b.WriteString(
		`between_runs: {wait: 6s} # a cooldown of the gateway would leak into the next run; longer, if yours is
limits: # your users' patience: it replaces the scenarios' own limits
  call: 2m # when a call is cut
  time_to_fallback: 1m
`)
	return []byte(b.String())
}

// paste returns the lines for the gateway's configuration.
func paste(s Start, known Configured, upstreams []Upstream) string {
	var b strings.Builder
	if s.Shipped.Name != "" {
		for _, name := range slices.Sorted(maps.Keys(known.Files)) {
			fmt.Fprintf(&b, "  %s of %s, which is %s/%s too:\n\n%s", name, s.Shipped.Name, s.Name, path.Base(name),
				indented(known.Files[name]))
		}
		if len(known.Files) == 0 {
			fmt.Fprintf(&b, "  Nothing: %s is configured by each call, in %s/target.yaml.\n", s.Shipped.Name, s.Name)
		}
		return b.String()
	}
	for i, u := range upstreams {
		role := "the first provider"
		if i > 0 {
			role = "its fallback"
		}
		fmt.Fprintf(&b, "  %-19s base URL %s   key %s   model %s\n", role, u.BaseURL, u.Key, u.Model)
	}
	b.WriteString("\nThe providers accept any key and any model. Turn caches off: what is asked is always the same.\n")
	if s.Gateway.Advertise == "" {
		b.WriteString("In a container 127.0.0.1 is the container: add --advertise host.docker.internal, or a name of " +
			"this machine.\n")
	}
	if len(s.Gateway.Known) > 0 {
		fmt.Fprintf(&b, "In the gateway's own syntax: add --from with one of %s.\n",
			strings.Join(s.Gateway.Known, ", "))
	}
	return b.String()
}

func indented(text string) string {
	var b strings.Builder
	for line := range strings.Lines(text) {
		b.WriteString("    " + line)
	}
	return b.String()
}
