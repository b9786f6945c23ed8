package serve

import (
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"net/url"
	"slices"
	"strings"
)

// Fingerprint returns what the journal keeps of a secret: enough to see whether two are equal.
func Fingerprint(secret string) string {
	sum := sha256.Sum256([]byte(secret))
	return "sha256:" + hex.EncodeToString(sum[:4])
}

// isSecret reports whether a header or a parameter of this name may carry a secret. It prefers to
// hide one too many, because gateways have names of their own: x-portkey-api-key or
// cf-aig-authorization.
func isSecret(name string) bool {
	name = strings.ToLower(name)
	return name == "sig" || slices.ContainsFunc(
		[]string{"auth", "key", "token", "secret", "cookie", "password", "credential", "signature", "session"},
		func(word string) bool { return strings.Contains(name, word) },
	)
}

// redacted returns a header's value as the journal keeps it. The scheme of an authorization
// stays, so that the rest has the same fingerprint in every header.
func redacted(name, value string) string {
	if !isSecret(name) {
		return value
	}
	if scheme, secret, ok := strings.Cut(value, " "); ok && strings.HasSuffix(strings.ToLower(name), "authorization") {
		return clipped(scheme, 16) + " " + Fingerprint(secret)
	}
	return Fingerprint(value)
}

// The bounds of one journal entry.
const (
	maxText    = 1024 // path, query, model and prompt, in bytes each
	maxValue   = 256  // one header's value
	maxHeaders = 64
)

// headersOf returns a request's headers as the journal keeps them.
func headersOf(h http.Header) map[string][]string {
	kept := make(map[string][]string, min(len(h), maxHeaders))
	n := 0
	for _, name := range sortedKeys(h) {
		for _, value := range h[name] {
			n++
			if n > maxHeaders {
				return kept
			}
			short := clipped(name, maxValue)
			kept[short] = append(kept[short], clipped(redacted(name, value), maxValue))
		}
	}
	return kept
}

// queryOf returns a request's query as the journal keeps it, in its own order.
func queryOf(raw string) string {
	var kept []string
	for pair := range strings.SplitSeq(raw, "&") {
		name, value, ok := strings.Cut(pair, "=")
		plain, err := url.QueryUnescape(name)
		if err != nil {
			plain = "key" // it may be anything, a secret too
		}
		if ok && isSecret(plain) {
			if secret, err := url.QueryUnescape(value); err == nil {
				value = secret
			}
			pair = name + "=" + Fingerprint(value)
		}
		kept = append(kept, pair)
	}
	return clipped(strings.Join(kept, "&"), maxText)
}

// clipped returns at most n bytes of a text, as a copy, so that the rest does not stay in memory.
func clipped(text string, n int) string {
	if len(text) <= n {
		return strings.ToValidUTF8(text, "\uFFFD")
	}
	return strings.ToValidUTF8(strings.Clone(text[:n]), "") + "…"
}
