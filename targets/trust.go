package targets

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
)

// CAVariables returns the variables of the environment from which the usual libraries read the
// certificates that they trust: OpenSSL (with Python's ssl and httpx) and Go, requests, curl, and
// Node, which adds them to its own. Java reads none of them.
func CAVariables() []string {
	return []string{"SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "NODE_EXTRA_CA_CERTS"}
}

// trust writes the file of the run's authority into the scratch folder, if there is one.
func (in *instance) trust(ca []byte) error {
	if len(ca) == 0 {
		return nil
	}
	in.values.ca = filepath.Join(in.values.dir, "ca.pem")
	if err := os.WriteFile(in.values.ca, ca, 0o600); err != nil {
		return fmt.Errorf("the certificate of the run's authority: %w", err)
	}
	return nil
}

// caVariables returns the variables that name the file of the run's authority.
func (in *instance) caVariables() map[string]string {
	all := map[string]string{}
	if in.values.ca != "" {
		for _, name := range CAVariables() {
			all[name] = in.values.ca
		}
	}
	return all
}

// reach returns whether the providers speak TLS, and the name of their host, with those settings.
// The error names the key.
func (t *Target) reach(settings map[string]string) (tls bool, host string, err error) {
	v := t.values(settings, nil)
	text, err := v.expand(t.UpstreamTLS)
	switch {
	case err != nil:
		return false, "", fmt.Errorf("upstream_tls: %w", err)
	case text != "" && text != "true" && text != "false":
		return false, "", fmt.Errorf("upstream_tls is %q: want true or false", text)
	}
	host, err = v.expand(t.UpstreamHost)
	switch {
	case err != nil:
		return false, "", fmt.Errorf("upstream_host: %w", err)
	case host != "" && !validHost.MatchString(host):
		return false, "", fmt.Errorf("upstream_host: %q is not a host: write it like 127.1, without a port", host)
	}
	return text == "true", host, nil
}

var validHost = regexp.MustCompile(`^[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?$`)

// reach checks upstream_tls and upstream_host in each variant.
func (c checker) reach() {
	key := "upstream_tls"
	n, ok := c.at(key)
	if !ok {
		key = "upstream_host"
		n, ok = c.at(key)
	}
	if !ok || n.Reported() {
		return
	}
	for _, name := range append([]string{""}, slices.Sorted(maps.Keys(c.t.Overrides))...) {
		tls, _, err := c.t.reach(c.t.with(name, nil))
		if err != nil {
			if strings.HasPrefix(err.Error(), "upstream_host") {
				n, _ = c.at("upstream_host")
			}
			if name != "" {
				err = fmt.Errorf("%w, in the variant %s", err, name)
			}
			n.Report("%s", err)
			return
		}
		if tls && c.t.keeps() {
			n.Report("an engine that is not started for each run cannot learn the run's certificate authority: " +
				"remove upstream_tls")
			return
		}
	}
}
