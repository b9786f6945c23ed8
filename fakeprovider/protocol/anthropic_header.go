package protocol

import (
	"net/http"
	"strconv"
	"time"

	"github.com/chaosrun/chaosrun/fakeprovider"
)

// The limits that Anthropic's recorded headers show, per minute.
const (
	anthropicRequestLimit = 20_000
	anthropicInputLimit   = 2_000_000
	anthropicOutputLimit  = 400_000
)

// anthropicHeader returns the header of every response, and the id in it that error bodies
// repeat. The counters move with the attempt.
func anthropicHeader(m fakeprovider.Meta) (h http.Header, requestID string) {
	requestID = "req_011C" + draw(m.Rand, base58, 20)
	h = http.Header{
		"anthropic-organization-id": {uuidOf(m.Provider)},
		"anthropic-workspace-id":    {"wrkspc_01" + orgOf(m.Provider + "/workspace")[:22]},
		"cf-cache-status":           {"DYNAMIC"},
		"request-id":                {requestID},
		"strict-transport-security": {"max-age=31536000; includeSubDomains; preload"},
		"traceresponse": {
			"00-" + draw(m.Rand, hexDigits, 32) + "-" + draw(m.Rand, hexDigits, 16) + "-01",
		},
		"x-envoy-upstream-service-time": {strconv.Itoa(600 + m.Rand.IntN(1200))},
		"X-Robots-Tag":                  {"none"},
	}
	reset := m.Now.UTC().Truncate(time.Second).Add(time.Minute).Format(time.RFC3339)
	count := func(bucket string, limit, used int) {
		name := "anthropic-ratelimit-" + bucket
		h[name+"-limit"] = []string{strconv.Itoa(limit)}
		h[name+"-remaining"] = []string{strconv.Itoa(max(0, limit-used))}
		h[name+"-reset"] = []string{reset}
	}
	count("requests", anthropicRequestLimit, m.Attempt)
	count("input-tokens", anthropicInputLimit, m.Request.InputTokens)
	count("output-tokens", anthropicOutputLimit, 0)
	count("tokens", anthropicInputLimit+anthropicOutputLimit, m.Request.InputTokens)
	edgeHeader(h, m)
	return h, requestID
}

// uuidOf returns the organisation of a provider at Anthropic, the same in all of its responses.
func uuidOf(provider string) string {
	id := make([]byte, 32)
	for i, c := range []byte(orgOf(provider) + orgOf(provider+"/more"))[:len(id)] {
		id[i] = hexDigits[int(c)%len(hexDigits)]
	}
	id[12], id[16] = '4', '8' // version 4, variant 1
	return string(id[:8]) + "-" + string(id[8:12]) + "-" + string(id[12:16]) + "-" + string(id[16:20]) + "-" +
		string(id[20:])
}
