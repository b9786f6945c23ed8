package serve

import (
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"slices"
	"strconv"
	"strings"
)

// A guard refuses requests that a web page makes of what runs on its reader's machine: those that
// come from a page of another site, and those whose host is a name that the page's owner has made
// point here, which browsers take for the page's own site (DNS rebinding). No client of a provider
// is a page.
type guard struct {
	// hosts are names that may be used beside those that nobody can register.
	hosts []string
}

// refusal returns why a request is refused, or "".
func (g guard) refusal(r *http.Request) string {
	if host := clipped(hostname(r.Host), maxValue); !g.knows(hostname(r.Host)) {
		return fmt.Sprintf("the host %q is not known here: write an address or localhost, or serve with --host NAME",
			host)
	}
	for _, origin := range r.Header.Values("Origin") {
		if u, err := url.Parse(origin); err != nil || u.Host == "" || !g.knows(u.Hostname()) {
			return fmt.Sprintf("the request comes from a web page, of %q", clipped(origin, maxValue))
		}
	}
	if r.Header.Get("Origin") == "" && r.Header.Get("Sec-Fetch-Site") == "cross-site" {
		return "the request comes from a web page of another site"
	}
	return ""
}

// knows reports whether a host can only be this machine, or one that its owner has named: an
// address, a name of one word, which only a resolver of one's own knows, one that nobody can
// register (https://www.rfc-editor.org/rfc/rfc6761, and the resolution on .internal that ICANN's
// board took on 29 July 2024), or one of the hosts.
func (g guard) knows(host string) bool {
	host = strings.ToLower(strings.TrimSuffix(host, "."))
	if _, err := netip.ParseAddr(host); err == nil {
		return true
	}
	last := host[strings.LastIndex(host, ".")+1:]
	if _, err := strconv.ParseUint(last, 10, 32); err == nil {
		return true // 127.1 is an address, too: no name ends in a number
	}
	return last == host && host != "" || slices.Contains([]string{"localhost", "test", "internal"}, last) ||
		slices.ContainsFunc(g.hosts, func(known string) bool { return strings.EqualFold(known, host) })
}

// hostname returns a Host header without its port and brackets.
func hostname(host string) string {
	if name, _, err := net.SplitHostPort(host); err == nil {
		return name
	}
	return strings.Trim(host, "[]")
}

// guarded refuses what a guard refuses, and passes on the rest.
func (s *Set) guarded(provider string, next http.Handler) http.Handler {
	g := guard{hosts: s.o.Hosts}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if why := g.refusal(r); why != "" {
			s.counts.foreign(provider)
			fail(w, http.StatusForbidden, why)
			return
		}
		next.ServeHTTP(w, r)
	})
}
