package fakeprovider_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/chaosrun/chaosrun/fakeprovider"
	"github.com/chaosrun/chaosrun/timeline"
)

// seenOf is what a raw client and net/http see of a fault in virtual time, under a protocol.
func seenOf(t *testing.T, fault fakeprovider.Preset, p fakeprovider.Protocol) (seen string) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) { seen = virtualSite(t, fault, p, true).observe(t).text(true) })
	synctest.Test(t, func(t *testing.T) { seen += "plain: " + virtualSite(t, fault, p, true).plain(t) + "\n" })
	return seen
}

// TestParametersOfHTTPFaults looks at what is sent where a parameter is not its default.
func TestParametersOfHTTPFaults(t *testing.T) {
	t.Parallel()
	const now = "Date: Wed, 01 Jul 2026 12:00:00 GMT"
	tests := []struct {
		fault fakeprovider.Preset
		shows []string
	}{
		{fakeprovider.RetryAfterSeconds{Wait: time.Minute, Status: 503}, []string{"HTTP/1.1 503 ", `Retry-After: 60\r\n`}},
		{fakeprovider.RetryAfterLong{Wait: 24 * time.Hour}, []string{"HTTP/1.1 429 ", `Retry-After: 86400\r\n`}},
		{fakeprovider.RetryAfterDate{When: "past"}, []string{now, `Retry-After: Wed, 01 Jul 2026 11:59:30 GMT\r\n`}},
		{fakeprovider.RetryAfterDate{When: "now", Wait: time.Hour}, []string{now, `Retry-After: Wed, 01 Jul 2026 12:00:00 GMT\r\n`}},
		{
			fakeprovider.RetryAfterDate{Skew: -time.Hour, Wait: time.Minute},
			[]string{`Date: Wed, 01 Jul 2026 11:00:00 GMT\r\n`, `Retry-After: Wed, 01 Jul 2026 11:01:00 GMT\r\n`},
		},
		{fakeprovider.RetryAfterDate{Form: "rfc850"}, []string{now, `Retry-After: Wednesday, 01-Jul-26 12:00:30 GMT\r\n`}},
		{fakeprovider.RetryAfterDate{Form: "asctime", Status: 500}, []string{"HTTP/1.1 500 ", `Retry-After: Wed Jul  1 12:00:30 2026\r\n`}},
		{fakeprovider.RetryAfterFraction{Wait: 250 * time.Millisecond}, []string{`Retry-After: 0.25\r\n`}},
		{fakeprovider.RetryAfterNegative{Value: "-3600", Status: 529}, []string{"HTTP/1.1 529 ", `Retry-After: -3600\r\n`}},
		{fakeprovider.RetryAfterGarbage{Value: "1h"}, []string{`Retry-After: 1h\r\n`}},
		{fakeprovider.RetryAfterAbsurd{Value: "9223372037"}, []string{`Retry-After: 9223372037\r\n`}},
		{fakeprovider.RetryAfterMS{Wait: 20 * time.Millisecond, RetryAfter: "1"}, []string{`Retry-After: 1\r\n`, `Retry-After-Ms: 20\r\n`}},
		{fakeprovider.RateLimited{}, []string{"HTTP/1.1 429 "}},
		{fakeprovider.ShouldRetry{Retry: true}, []string{"HTTP/1.1 400 ", `X-Should-Retry: true\r\n`}},
		{fakeprovider.ShouldRetry{Status: 429}, []string{"HTTP/1.1 429 ", `X-Should-Retry: false\r\n`}},
		{fakeprovider.LimitsSpent{RetryAfter: "33"}, []string{"HTTP/1.1 200 ", `Retry-After: 33\r\n`, `remaining-tokens: 0\r\n`, "data: [DONE]"}},
		{fakeprovider.ServerError{Status: 502}, []string{"HTTP/1.1 502 "}},
		{fakeprovider.ServerError{Status: 503, RetryAfter: "7"}, []string{"HTTP/1.1 503 ", `Retry-After: 7\r\n`}},
		{fakeprovider.ServerError{Status: 504}, []string{"HTTP/1.1 504 "}},
		{fakeprovider.Overloaded{RetryAfter: "9"}, []string{"HTTP/1.1 529 ", `Retry-After: 9\r\n`}},
		{fakeprovider.RetryableStatus{Status: 409}, []string{"HTTP/1.1 409 "}},
		{fakeprovider.RetryableStatus{Status: 425}, []string{"HTTP/1.1 425 "}},
		{fakeprovider.EdgePage{Status: 524}, []string{"HTTP/1.1 524 ", "<title>524 A timeout occurred</title>"}},
		{fakeprovider.EdgePage{Status: 504}, []string{"HTTP/1.1 504 ", "<title>504 Gateway Timeout</title>"}},
		{
			fakeprovider.ErrorInside200{Type: "event-stream", Status: 429},
			[]string{"HTTP/1.1 200 ", `Content-Type: text/event-stream; charset=utf-8\r\n`, `"code": "rate_limit_exceeded"`},
		},
		{fakeprovider.RedirectElsewhere{Status: 308}, []string{"308 to POST http://ELSEWHERE", "without Authorization; 401 Unauthorized"}},
		{fakeprovider.RedirectElsewhere{Status: 301}, []string{"301 to GET http://ELSEWHERE", "without Authorization; 405 Method Not Allowed"}},
		{fakeprovider.RedirectElsewhere{Status: 302}, []string{"302 to GET http://ELSEWHERE", "without Authorization; 405 Method Not Allowed"}},
		{fakeprovider.RedirectLoop{Status: 308}, []string{"308 to POST http://ADDRESS", "stopped after 10 redirects"}},
		{fakeprovider.RedirectLoop{Status: 302}, []string{"302 to GET http://ADDRESS", "405 Method Not Allowed"}},
		{fakeprovider.RedirectDowngrade{Status: 302}, []string{"302 to GET http://ADDRESS", "; 405 Method Not Allowed"}},
		{fakeprovider.RedirectDowngrade{Status: 303}, []string{"303 to GET http://ADDRESS", "; 405 Method Not Allowed"}},
		{fakeprovider.ChunkGarbage{After: 1}, []string{"then read: invalid byte in chunk length"}},
		{fakeprovider.ChunkCut{After: 9}, []string{"then read: unexpected EOF"}},
		{fakeprovider.LengthTooShort{Length: 1}, []string{`Content-Length: 1\r\n`, "plain: 200 OK, 1 bytes of body, whole"}},
		{fakeprovider.LengthTooLong{Length: 5000}, []string{`Content-Length: 5000\r\n`, "then read: unexpected EOF"}},
		{fakeprovider.OversizedHeaders{Size: 1000}, []string{"| X-Padding: xxx", "plain: 200 OK"}},
		{fakeprovider.Informational{Status: 102, Times: 3}, []string{strings.Repeat(`| HTTP/1.1 102 Processing\r\n`+"\n| \\r\\n\n", 3), "plain: 200 OK"}},
		{fakeprovider.ContinueStall{Status: 103, Every: time.Minute}, []string{`| Link: `, "@ 1m0.001191s", "= read: nothing more"}},
		{fakeprovider.GzipStream{Flush: "end"}, []string{"@ 581.191ms\n| 1129\\r\\n\n| \\x1f\\x8b", "plain: 200 OK"}},
		{fakeprovider.Buffered{Size: 1}, []string{"@ 401.191ms\n| HTTP/1.1 200", "@ 421.191ms", "plain: 200 OK"}},
		{fakeprovider.TrailerError{Code: 8}, []string{`| Grpc-Status: 8\r\n`}},
	}
	for _, test := range tests {
		t.Run(fmt.Sprintf("%s %+v", fakeprovider.PresetName(test.fault), test.fault), func(t *testing.T) {
			t.Parallel()
			got := seenOf(t, test.fault, fakeprovider.OpenAIChat{})
			for _, want := range test.shows {
				if !strings.Contains(got, want) {
					t.Errorf("it does not show %q:\n%s", want, got)
				}
			}
		})
	}
}

// TestRetryAfterStandsAlone wants the header of a fault and no other that speaks of a wait, whatever the vendor sends by itself.
func TestRetryAfterStandsAlone(t *testing.T) {
	t.Parallel()
	tests := map[string]fakeprovider.Preset{
		"Retry-After: 2":                             fakeprovider.RetryAfterSeconds{},
		"Retry-After: 3600":                          fakeprovider.RetryAfterLong{},
		"Retry-After: 1.5":                           fakeprovider.RetryAfterFraction{},
		"Retry-After: -5":                            fakeprovider.RetryAfterNegative{},
		"Retry-After: soon":                          fakeprovider.RetryAfterGarbage{},
		"Retry-After: 9223372036854775808":           fakeprovider.RetryAfterAbsurd{},
		"Retry-After-Ms: 1500":                       fakeprovider.RetryAfterMS{},
		"Retry-After: Wed, 01 Jul 2026 12:00:30 GMT": fakeprovider.RetryAfterDate{},
	}
	for want, fault := range tests {
		for _, p := range fakeprovider.Protocols() {
			t.Run(want+" "+p.Name(), func(t *testing.T) {
				t.Parallel()
				var got []string
				for line := range strings.Lines(seenOf(t, fault, p)) {
					if line = strings.TrimPrefix(line, "| "); strings.HasPrefix(strings.ToLower(line), "retry-after") {
						got = append(got, strings.TrimSuffix(line, `\r\n`+"\n"))
					}
				}
				if strings.Join(got, ", ") != want {
					t.Errorf("got %q", got)
				}
			})
		}
	}
}

// TestRedirectedCredentials says what net/http makes of a redirect to another origin: Authorization stays behind, a header of the
// vendor's own goes along.
func TestRedirectedCredentials(t *testing.T) {
	t.Parallel()
	tests := map[string]int{
		"openai-chat": http.StatusUnauthorized, "openai-responses": http.StatusUnauthorized, "openrouter": http.StatusUnauthorized,
		"anthropic-messages": http.StatusOK, "gemini": http.StatusOK, "azure-openai": http.StatusUnauthorized,
	}
	for _, p := range fakeprovider.Protocols() {
		t.Run(p.Name(), func(t *testing.T) {
			t.Parallel()
			got := seenOf(t, fakeprovider.RedirectElsewhere{}, p)
			want := fmt.Sprintf("without Authorization; %d %s", tests[p.Name()], http.StatusText(tests[p.Name()]))
			if !strings.Contains(got, want) {
				t.Errorf("it does not show %q:\n%s", want, got)
			}
		})
	}
}

func TestHTTPFaultsRefuseWhatTheyCannotDo(t *testing.T) {
	t.Parallel()
	tests := map[string]fakeprovider.Validator{
		"retry-after-seconds: wait is 1.5s, want a multiple of 1s":    fakeprovider.RetryAfterSeconds{Wait: 1500 * time.Millisecond},
		"retry-after-seconds: wait is -1s, want 0 or more":            fakeprovider.RetryAfterSeconds{Wait: -time.Second},
		"retry-after-seconds: status is 400, want 429 or 500 to 599":  fakeprovider.RetryAfterSeconds{Status: 400},
		"retry-after-long: wait is 100ms":                             fakeprovider.RetryAfterLong{Wait: 100 * time.Millisecond},
		"retry-after-long: status is 200":                             fakeprovider.RetryAfterLong{Status: 200},
		`retry-after-date: when is "later", want one of future, now`:  fakeprovider.RetryAfterDate{When: "later"},
		`retry-after-date: form is "iso8601", want one of imf-fixd`:   fakeprovider.RetryAfterDate{Form: "iso8601"},
		"retry-after-date: wait is -1s":                               fakeprovider.RetryAfterDate{Wait: -time.Second},
		"retry-after-date: status is 600":                             fakeprovider.RetryAfterDate{Status: 600},
		"retry-after-fraction: wait is 1ns, want a multiple of 1ms":   fakeprovider.RetryAfterFraction{Wait: 1},
		"retry-after-fraction: status is 404":                         fakeprovider.RetryAfterFraction{Status: 404},
		`retry-after-negative: value is "5", want a negative`:         fakeprovider.RetryAfterNegative{Value: "5"},
		`retry-after-negative: value is "-0", want a negative`:        fakeprovider.RetryAfterNegative{Value: "-0"},
		`retry-after-negative: value is "-", want a negative`:         fakeprovider.RetryAfterNegative{Value: "-"},
		"retry-after-negative: status is 499":                         fakeprovider.RetryAfterNegative{Status: 499},
		`retry-after-garbage: value is "17", which means something`:   fakeprovider.RetryAfterGarbage{Value: "17"},
		`retry-after-garbage: value is "1e999", which means`:          fakeprovider.RetryAfterGarbage{Value: "1e999"},
		`retry-after-garbage: value is "Wed, 01 Jul 2026 12:00:00 GM`: fakeprovider.RetryAfterGarbage{Value: "Wed, 01 Jul 2026 12:00:00 GMT"},
		`retry-after-garbage: value is "a\r\nb", want one line`:       fakeprovider.RetryAfterGarbage{Value: "a\r\nb"},
		"retry-after-garbage: status is 430":                          fakeprovider.RetryAfterGarbage{Status: 430},
		`retry-after-absurd: value is "9223372036", want a number`:    fakeprovider.RetryAfterAbsurd{Value: "9223372036"},
		`retry-after-absurd: value is "a lot", want a number`:         fakeprovider.RetryAfterAbsurd{Value: "a lot"},
		"of up to 1000 digits":                                        fakeprovider.RetryAfterAbsurd{Value: strings.Repeat("9", 1001)},
		"retry-after-absurd: status is 428":                           fakeprovider.RetryAfterAbsurd{Status: 428},
		"retry-after-ms: wait is 1µs, want a multiple of 1ms":         fakeprovider.RetryAfterMS{Wait: time.Microsecond},
		"retry-after-ms: status is 100":                               fakeprovider.RetryAfterMS{Status: 100},
		"should-retry: status is 200, want 400 to 599":                fakeprovider.ShouldRetry{Status: 200},
		"server-error: status is 501, want one of 500, 502, 503, 504": fakeprovider.ServerError{Status: 501},
		"retryable-status: status is 404, want one of 408, 409, 425":  fakeprovider.RetryableStatus{Status: 404},
		"edge-page: status is 500, want 502 to 504 or 520 to 524":     fakeprovider.EdgePage{Status: 500},
		"edge-page: status is 525":                                    fakeprovider.EdgePage{Status: 525},
		`error-inside-200: type is "html", want one of json, event-s`: fakeprovider.ErrorInside200{Type: "html"},
		"error-inside-200: status is 200, want 400 to 599":            fakeprovider.ErrorInside200{Status: 200},
		"redirect-elsewhere: status is 303":                           fakeprovider.RedirectElsewhere{Status: 303},
		"redirect-loop: status is 300":                                fakeprovider.RedirectLoop{Status: 300},
		"redirect-downgrade: status is 307, want one of 301, 302, 3":  fakeprovider.RedirectDowngrade{Status: 307},
		"chunk-garbage: after is -1":                                  fakeprovider.ChunkGarbage{After: -1},
		"chunk-cut: after is -1":                                      fakeprovider.ChunkCut{After: -1},
		"length-too-long: length is -1, want 1 to 1073741824":         fakeprovider.LengthTooLong{Length: -1},
		"length-too-short: length is -1":                              fakeprovider.LengthTooShort{Length: -1},
		"oversized-headers: size is 1073741825, want 1 to 1073741824": fakeprovider.OversizedHeaders{Size: 1<<30 + 1},
		"oversized-headers: every is -1s":                             fakeprovider.OversizedHeaders{Every: -time.Second},
		"informational: status is 101, want one of 100, 102, 103":     fakeprovider.Informational{Status: 101},
		"informational: times is 1001":                                fakeprovider.Informational{Times: 1001},
		"continue-stall: every is -1s":                                fakeprovider.ContinueStall{Every: -time.Second},
		"continue-stall: status is 101":                               fakeprovider.ContinueStall{Status: 101},
		`gzip-stream: flush is "never", want one of each, end`:        fakeprovider.GzipStream{Flush: "never"},
		"buffered: size is 16777217, want 1 to 16777216":              fakeprovider.Buffered{Size: 16<<20 + 1},
		"trailer-error: code is 17, want 1 to 16":                     fakeprovider.TrailerError{Code: 17},
		"gzip-stream and buffered both decide the framing":            fakeprovider.Together{fakeprovider.GzipStream{}, fakeprovider.Buffered{}},
		"server-error and edge-page each are a whole response":        fakeprovider.Together{fakeprovider.ServerError{}, fakeprovider.EdgePage{}},
		"after refused nothing else can happen":                       fakeprovider.Together{fakeprovider.Refused{}, fakeprovider.GzipStream{}},
	}
	for want, v := range tests {
		if err := v.Validate(); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%#v: got %v, want %q", v, err, want)
		}
	}
}

// TestHTTPFaultsTogether plays several at once.
func TestHTTPFaultsTogether(t *testing.T) {
	t.Parallel()
	tests := []struct {
		fault fakeprovider.Together
		shows []string
	}{
		{
			fakeprovider.Together{fakeprovider.Informational{}, fakeprovider.LimitsSpent{}, fakeprovider.GzipStream{}, fakeprovider.MidStreamDrop{}},
			[]string{
				`| HTTP/1.1 103 Early Hints\r\n`, `| Content-Encoding: gzip\r\n`, `| x-ratelimit-remaining-tokens: 0\r\n`, "= read: EOF",
				"then read: unexpected EOF",
			},
		},
		{ // what a proxy holds back is lost with it
			fakeprovider.Together{fakeprovider.Buffered{}, fakeprovider.MidStreamDrop{}}, []string{"@ 501.191ms\n= read: EOF\nplain: request: EOF"},
		},
		{
			fakeprovider.Together{fakeprovider.LengthTooLong{}, fakeprovider.ServerError{}},
			[]string{`| HTTP/1.1 500 `, `| Content-Length: 1048576\r\n`, "plain: 500 Internal Server Error, 196 bytes of body, then read: unexpected EOF"},
		},
		{
			fakeprovider.Together{fakeprovider.HTTP10{}, fakeprovider.WholeAnswerForStream{}},
			[]string{`| HTTP/1.0 200 OK\r\n`, `| Content-Type: application/json\r\n`, "whole"},
		},
		{
			fakeprovider.Together{fakeprovider.MalformedJSON{}, fakeprovider.Buffered{}}, []string{"@ 581.191ms\n| HTTP/1.1 200", "plain: 200 OK"},
		},
	}
	for _, test := range tests {
		t.Run(fakeprovider.PresetName(test.fault), func(t *testing.T) {
			t.Parallel()
			if err := test.fault.Validate(); err != nil {
				t.Fatal(err)
			}
			got := seenOf(t, test.fault, fakeprovider.OpenAIChat{})
			for _, want := range test.shows {
				if !strings.Contains(got, want) {
					t.Errorf("it does not show %q:\n%s", want, got)
				}
			}
		})
	}
}

// A response cannot start anew once its head has left, nor can a host of a bare IP address be called otherwise.
func TestHTTPFaultsThatComeTooLate(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var late error
		server, client := serveInMemory(t, fakeprovider.Options{Name: "primary", OnRequest: []fakeprovider.Preset{
			fakeprovider.Script{fakeprovider.Respond{}, step(func(_ context.Context, x fakeprovider.Exchange) error {
				late = x.Whole()
				return nil
			})},
			fakeprovider.RedirectElsewhere{},
		}})
		if _, _, err := exchange(t, client, ask(t.Context(), t, server.URL()+"/v1/chat/completions", true)); err != nil {
			t.Fatal(err)
		}
		if !errors.Is(late, fakeprovider.ErrHeadSent) {
			t.Errorf("got %v, want ErrHeadSent", late)
		}
		r := ask(t.Context(), t, server.URL()+"/v1/chat/completions", true)
		r.Host = "10.0.0.1:80"
		if _, _, err := exchange(t, client, r); err == nil {
			t.Error("it was redirected")
		}
		if failed := texts(server.Recorder().Events(), timeline.HarnessFailed); len(failed) != 1 || !strings.Contains(failed[0], fakeprovider.ErrNoOtherName.Error()) {
			t.Errorf("got %q", failed)
		}
	})
}
