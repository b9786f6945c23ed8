package protocol

import (
	"net/http"
	"strconv"
	"time"

	"github.com/chaosrun/chaosrun/fakeprovider"
)

// The limits that OpenAI's recorded headers show, per day and per minute.
const (
	openAIRequestLimit = 10_000
	openAITokenLimit   = 200_000
)

// openAIHeader returns the header of every response. The counters move with the attempt: a
// request takes one from a daily allowance, which comes back every 8.64 s, and its tokens from
// the allowance of a minute.
func openAIHeader(m fakeprovider.Meta) http.Header {
	requests := min(m.Attempt, openAIRequestLimit)
	tokens := min(m.Request.InputTokens, openAITokenLimit)
	h := http.Header{
		"access-control-expose-headers": {"X-Request-ID, CF-Ray"},
		"alt-svc":                       {`h3=":443"; ma=86400`},
		"cf-cache-status":               {"DYNAMIC"},
		"openai-organization":           {"user-" + orgOf(m.Provider)},
		"openai-processing-ms":          {strconv.Itoa(200 + m.Rand.IntN(600))},
		"openai-project":                {"proj_" + orgOf(m.Provider+"/project")},
		"openai-version":                {"2020-10-01"},
		"set-cookie": {
			"__cf_bm=" + draw(m.Rand, alphanum, 43) + "; path=/; HttpOnly; Secure; SameSite=None",
		},
		"strict-transport-security":      {"max-age=31536000; includeSubDomains; preload"},
		"x-content-type-options":         {"nosniff"},
		"x-ratelimit-limit-requests":     {strconv.Itoa(openAIRequestLimit)},
		"x-ratelimit-limit-tokens":       {strconv.Itoa(openAITokenLimit)},
		"x-ratelimit-remaining-requests": {strconv.Itoa(openAIRequestLimit - requests)},
		"x-ratelimit-remaining-tokens":   {strconv.Itoa(openAITokenLimit - tokens)},
		"x-ratelimit-reset-requests":     {(time.Duration(requests) * (24 * time.Hour / openAIRequestLimit)).String()},
		"x-ratelimit-reset-tokens": {
			(time.Duration(tokens) * time.Minute / openAITokenLimit).Round(time.Millisecond).String(),
		},
		"x-request-id": {"req_" + draw(m.Rand, hexDigits, 32)},
	}
	edgeHeader(h, m)
	return h
}

// openAIAnswerHeader returns the header of a 200, streamed or not.
func openAIAnswerHeader(m fakeprovider.Meta) http.Header {
	h := openAIHeader(m)
	h["Content-Type"] = []string{"text/event-stream; charset=utf-8"}
	if !m.Request.Stream {
		h["Content-Type"] = []string{"application/json"}
	}
	return h
}

// openAIExhausted shows a bucket, "tokens" or "requests", as empty. The limits are those of the
// message.
func openAIExhausted(h http.Header, bucket, retry string) {
	limit := map[string]string{"tokens": "30000", "requests": "500"}[bucket]
	if limit == "" {
		return // a quota is no bucket
	}
	h["x-ratelimit-limit-"+bucket] = []string{limit}
	h["x-ratelimit-remaining-"+bucket] = []string{"0"}
	h["x-ratelimit-reset-"+bucket] = []string{retry + "s"}
}
