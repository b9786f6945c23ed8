package fault_test

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
	"github.com/chaosrun/chaosrun/fakeprovider/fault"
	"github.com/chaosrun/chaosrun/fakeprovider/internal/rig"
	"github.com/chaosrun/chaosrun/fakeprovider/protocol"
	"github.com/chaosrun/chaosrun/timeline"
)

// seenOf is what a raw client and net/http see of a fault in virtual time, under a protocol.
func seenOf(t *testing.T, fault fakeprovider.Fault, p fakeprovider.Protocol) (seen string) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) { seen = rig.VirtualSite(t, fault, p, true).Observe(t).Text(true) })
	synctest.Test(t, func(t *testing.T) { seen += "plain: " + rig.VirtualSite(t, fault, p, true).Plain(t) + "\n" })
	return seen
}

// TestParametersOfHTTPFaults looks at what is sent where a parameter is not its default.
func TestParametersOfHTTPFaults(t *testing.T) {
	t.Parallel()
	const now = "Date: Wed, 01 Jul 2026 12:00:00 GMT"
	tests := []struct {
		fault fakeprovider.Fault
		shows []string
	}{
		{fault.RetryAfterSeconds{Wait: time.Minute, Status: 503}, []string{"HTTP/1.1 503 ", `Retry-After: 60\r\n`}},
		{fault.RetryAfterLong{Wait: 24 * time.Hour}, []string{"HTTP/1.1 429 ", `Retry-After: 86400\r\n`}},
		{fault.RetryAfterDate{When: "past"}, []string{now, `Retry-After: Wed, 01 Jul 2026 11:59:30 GMT\r\n`}},
		{fault.RetryAfterDate{When: "now", Wait: time.Hour}, []string{now, `Retry-After: Wed, 01 Jul 2026 12:00:00 GMT\r\n`}},
		{
			fault.RetryAfterDate{Skew: -time.Hour, Wait: time.Minute},
			[]string{`Date: Wed, 01 Jul 2026 11:00:00 GMT\r\n`, `Retry-After: Wed, 01 Jul 2026 11:01:00 GMT\r\n`},
		},
		{fault.RetryAfterDate{Form: "rfc850"}, []string{now, `Retry-After: Wednesday, 01-Jul-26 12:00:30 GMT\r\n`}},
		{fault.RetryAfterDate{Form: "asctime", Status: 500}, []string{"HTTP/1.1 500 ", `Retry-After: Wed Jul  1 12:00:30 2026\r\n`}},
		{fault.RetryAfterFraction{Wait: 250 * time.Millisecond}, []string{`Retry-After: 0.25\r\n`}},
		{fault.RetryAfterNegative{Value: "-3600", Status: 529}, []string{"HTTP/1.1 529 ", `Retry-After: -3600\r\n`}},
		{fault.RetryAfterGarbage{Value: "1h"}, []string{`Retry-After: 1h\r\n`}},
		{fault.RetryAfterAbsurd{Value: "9223372037"}, []string{`Retry-After: 9223372037\r\n`}},
		{fault.RetryAfterMS{Wait: 20 * time.Millisecond, RetryAfter: "1"}, []string{`Retry-After: 1\r\n`, `Retry-After-Ms: 20\r\n`}},
		{fault.RateLimited{}, []string{"HTTP/1.1 429 "}},
		{fault.ShouldRetry{Retry: true}, []string{"HTTP/1.1 400 ", `X-Should-Retry: true\r\n`}},
		{fault.ShouldRetry{Status: 429}, []string{"HTTP/1.1 429 ", `X-Should-Retry: false\r\n`}},
		{fault.LimitsSpent{RetryAfter: "33"}, []string{"HTTP/1.1 200 ", `Retry-After: 33\r\n`, `remaining-tokens: 0\r\n`, "data: [DONE]"}},
		{fault.ServerError{Status: 502}, []string{"HTTP/1.1 502 "}},
		{fault.ServerError{Status: 503, RetryAfter: "7"}, []string{"HTTP/1.1 503 ", `Retry-After: 7\r\n`}},
		{fault.ServerError{Status: 504}, []string{"HTTP/1.1 504 "}},
		{fault.Overloaded{RetryAfter: "9"}, []string{"HTTP/1.1 529 ", `Retry-After: 9\r\n`}},
		{fault.RetryableStatus{Status: 409}, []string{"HTTP/1.1 409 "}},
		{fault.RetryableStatus{Status: 425}, []string{"HTTP/1.1 425 "}},
		{fault.EdgePage{Status: 524}, []string{"HTTP/1.1 524 ", "<title>524 A timeout occurred</title>"}},
		{fault.EdgePage{Status: 504}, []string{"HTTP/1.1 504 ", "<title>504 Gateway Timeout</title>"}},
		{
			fault.ErrorInside200{Type: "event-stream", Status: 429},
			[]string{"HTTP/1.1 200 ", `Content-Type: text/event-stream; charset=utf-8\r\n`, `"code": "rate_limit_exceeded"`},
		},
		{fault.RedirectElsewhere{Status: 308}, []string{"308 to POST http://ELSEWHERE", "without Authorization; 401 Unauthorized"}},
		{fault.RedirectElsewhere{Status: 301}, []string{"301 to GET http://ELSEWHERE", "without Authorization; 405 Method Not Allowed"}},
		{fault.RedirectElsewhere{Status: 302}, []string{"302 to GET http://ELSEWHERE", "without Authorization; 405 Method Not Allowed"}},
		{fault.RedirectLoop{Status: 308}, []string{"308 to POST http://ADDRESS", "stopped after 10 redirects"}},
		{fault.RedirectLoop{Status: 302}, []string{"302 to GET http://ADDRESS", "405 Method Not Allowed"}},
		{fault.RedirectDowngrade{Status: 302}, []string{"302 to GET http://ADDRESS", "; 405 Method Not Allowed"}},
		{fault.RedirectDowngrade{Status: 303}, []string{"303 to GET http://ADDRESS", "; 405 Method Not Allowed"}},
		{fault.ChunkGarbage{After: 1}, []string{"then read: invalid byte in chunk length"}},
		{fault.ChunkCut{After: 9}, []string{"then read: unexpected EOF"}},
		{fault.LengthTooShort{Length: 1}, []string{`Content-Length: 1\r\n`, "plain: 200 OK, 1 bytes of body, whole"}},
		{fault.LengthTooLong{Length: 5000}, []string{`Content-Length: 5000\r\n`, "then read: unexpected EOF"}},
		{fault.OversizedHeaders{Size: 1000}, []string{"| X-Padding: xxx", "plain: 200 OK"}},
		{fault.Informational{Status: 102, Times: 3}, []string{strings.Repeat(`| HTTP/1.1 102 Processing\r\n`+"\n| \\r\\n\n", 3), "plain: 200 OK"}},
		{fault.ContinueStall{Status: 103, Every: time.Minute}, []string{`| Link: `, "@ 1m0.001191s", "= read: nothing more"}},
		{fault.GzipStream{Flush: "end"}, []string{"@ 581.191ms\n| 1129\\r\\n\n| \\x1f\\x8b", "plain: 200 OK"}},
		{fault.Buffered{Size: 1}, []string{"@ 401.191ms\n| HTTP/1.1 200", "@ 421.191ms", "plain: 200 OK"}},
		{fault.TrailerError{Code: 8}, []string{`| Grpc-Status: 8\r\n`}},
	}
	for _, test := range tests {
		t.Run(fmt.Sprintf("%s %+v", fakeprovider.NameOf(test.fault), test.fault), func(t *testing.T) {
			t.Parallel()
			got := seenOf(t, test.fault, protocol.OpenAIChat{})
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
	tests := map[string]fakeprovider.Fault{
		"Retry-After: 2":                             fault.RetryAfterSeconds{},
		"Retry-After: 3600":                          fault.RetryAfterLong{},
		"Retry-After: 1.5":                           fault.RetryAfterFraction{},
		"Retry-After: -5":                            fault.RetryAfterNegative{},
		"Retry-After: soon":                          fault.RetryAfterGarbage{},
		"Retry-After: 9223372036854775808":           fault.RetryAfterAbsurd{},
		"Retry-After-Ms: 1500":                       fault.RetryAfterMS{},
		"Retry-After: Wed, 01 Jul 2026 12:00:30 GMT": fault.RetryAfterDate{},
	}
	for want, fault := range tests {
		for _, p := range protocol.All() {
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
	for _, p := range protocol.All() {
		t.Run(p.Name(), func(t *testing.T) {
			t.Parallel()
			got := seenOf(t, fault.RedirectElsewhere{}, p)
			status := http.StatusOK
			if p.About().Stream.Header["Authorization"] != "" {
				status = http.StatusUnauthorized
			}
			want := fmt.Sprintf("without Authorization; %d %s", status, http.StatusText(status))
			if !strings.Contains(got, want) {
				t.Errorf("it does not show %q:\n%s", want, got)
			}
		})
	}
}

func TestHTTPFaultsRefuseWhatTheyCannotDo(t *testing.T) {
	t.Parallel()
	tests := map[string]fakeprovider.Validator{
		"retry-after-seconds: wait is 1.5s, want a multiple of 1s":    fault.RetryAfterSeconds{Wait: 1500 * time.Millisecond},
		"retry-after-seconds: wait is -1s, want 0 or more":            fault.RetryAfterSeconds{Wait: -time.Second},
		"retry-after-seconds: status is 400, want 429 or 500 to 599":  fault.RetryAfterSeconds{Status: 400},
		"retry-after-long: wait is 100ms":                             fault.RetryAfterLong{Wait: 100 * time.Millisecond},
		"retry-after-long: status is 200":                             fault.RetryAfterLong{Status: 200},
		`retry-after-date: when is "later", want one of future, now`:  fault.RetryAfterDate{When: "later"},
		`retry-after-date: form is "iso8601", want one of imf-fixd`:   fault.RetryAfterDate{Form: "iso8601"},
		"retry-after-date: wait is -1s":                               fault.RetryAfterDate{Wait: -time.Second},
		"retry-after-date: status is 600":                             fault.RetryAfterDate{Status: 600},
		"retry-after-fraction: wait is 1ns, want a multiple of 1ms":   fault.RetryAfterFraction{Wait: 1},
		"retry-after-fraction: status is 404":                         fault.RetryAfterFraction{Status: 404},
		`retry-after-negative: value is "5", want a negative`:         fault.RetryAfterNegative{Value: "5"},
		`retry-after-negative: value is "-0", want a negative`:        fault.RetryAfterNegative{Value: "-0"},
		`retry-after-negative: value is "-", want a negative`:         fault.RetryAfterNegative{Value: "-"},
		"retry-after-negative: status is 499":                         fault.RetryAfterNegative{Status: 499},
		`retry-after-garbage: value is "17", which means something`:   fault.RetryAfterGarbage{Value: "17"},
		`retry-after-garbage: value is "1e999", which means`:          fault.RetryAfterGarbage{Value: "1e999"},
		`retry-after-garbage: value is "Wed, 01 Jul 2026 12:00:00 GM`: fault.RetryAfterGarbage{Value: "Wed, 01 Jul 2026 12:00:00 GMT"},
		`retry-after-garbage: value is "a\r\nb", want one line`:       fault.RetryAfterGarbage{Value: "a\r\nb"},
		"retry-after-garbage: status is 430":                          fault.RetryAfterGarbage{Status: 430},
		`retry-after-absurd: value is "9223372036", want a number`:    fault.RetryAfterAbsurd{Value: "9223372036"},
		`retry-after-absurd: value is "a lot", want a number`:         fault.RetryAfterAbsurd{Value: "a lot"},
		"of up to 1000 digits":                                        fault.RetryAfterAbsurd{Value: strings.Repeat("9", 1001)},
		"retry-after-absurd: status is 428":                           fault.RetryAfterAbsurd{Status: 428},
		"retry-after-ms: wait is 1µs, want a multiple of 1ms":         fault.RetryAfterMS{Wait: time.Microsecond},
		"retry-after-ms: status is 100":                               fault.RetryAfterMS{Status: 100},
		"should-retry: status is 200, want 400 to 599":                fault.ShouldRetry{Status: 200},
		"server-error: status is 501, want one of 500, 502, 503, 504": fault.ServerError{Status: 501},
		"retryable-status: status is 404, want one of 408, 409, 425":  fault.RetryableStatus{Status: 404},
		"edge-page: status is 500, want 502 to 504 or 520 to 524":     fault.EdgePage{Status: 500},
		"edge-page: status is 525":                                    fault.EdgePage{Status: 525},
		`error-inside-200: type is "html", want one of json, event-s`: fault.ErrorInside200{Type: "html"},
		"error-inside-200: status is 200, want 400 to 599":            fault.ErrorInside200{Status: 200},
		"redirect-elsewhere: status is 303":                           fault.RedirectElsewhere{Status: 303},
		"redirect-loop: status is 300":                                fault.RedirectLoop{Status: 300},
		"redirect-downgrade: status is 307, want one of 301, 302, 3":  fault.RedirectDowngrade{Status: 307},
		"chunk-garbage: after is -1":                                  fault.ChunkGarbage{After: -1},
		"chunk-cut: after is -1":                                      fault.ChunkCut{After: -1},
		"length-too-long: length is -1, want 1 to 1073741824":         fault.LengthTooLong{Length: -1},
		"length-too-short: length is -1":                              fault.LengthTooShort{Length: -1},
		"oversized-headers: size is 1073741825, want 1 to 1073741824": fault.OversizedHeaders{Size: 1<<30 + 1},
		"oversized-headers: every is -1s":                             fault.OversizedHeaders{Every: -time.Second},
		"informational: status is 101, want one of 100, 102, 103":     fault.Informational{Status: 101},
		"informational: times is 1001":                                fault.Informational{Times: 1001},
		"continue-stall: every is -1s":                                fault.ContinueStall{Every: -time.Second},
		"continue-stall: status is 101":                               fault.ContinueStall{Status: 101},
		`gzip-stream: flush is "never", want one of each, end`:        fault.GzipStream{Flush: "never"},
		"buffered: size is 16777217, want 1 to 16777216":              fault.Buffered{Size: 16<<20 + 1},
		"trailer-error: code is 17, want 1 to 16":                     fault.TrailerError{Code: 17},
		"gzip-stream and buffered both decide the framing":            fakeprovider.Together{fault.GzipStream{}, fault.Buffered{}},
		"server-error and edge-page each are a whole response":        fakeprovider.Together{fault.ServerError{}, fault.EdgePage{}},
		"after refused nothing else can happen":                       fakeprovider.Together{fault.Refused{}, fault.GzipStream{}},
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
			fakeprovider.Together{fault.Informational{}, fault.LimitsSpent{}, fault.GzipStream{}, fault.MidStreamDrop{}},
			[]string{
				`| HTTP/1.1 103 Early Hints\r\n`, `| Content-Encoding: gzip\r\n`, `| x-ratelimit-remaining-tokens: 0\r\n`, "= read: EOF",
				"then read: unexpected EOF",
			},
		},
		{ // what a proxy holds back is lost with it
			fakeprovider.Together{fault.Buffered{}, fault.MidStreamDrop{}}, []string{"@ 501.191ms\n= read: EOF\nplain: request: EOF"},
		},
		{
			fakeprovider.Together{fault.LengthTooLong{}, fault.ServerError{}},
			[]string{`| HTTP/1.1 500 `, `| Content-Length: 1048576\r\n`, "plain: 500 Internal Server Error, 196 bytes of body, then read: unexpected EOF"},
		},
		{
			fakeprovider.Together{fault.HTTP10{}, fault.WholeAnswerForStream{}},
			[]string{`| HTTP/1.0 200 OK\r\n`, `| Content-Type: application/json\r\n`, "whole"},
		},
		{
			fakeprovider.Together{fault.MalformedJSON{}, fault.Buffered{}}, []string{"@ 581.191ms\n| HTTP/1.1 200", "plain: 200 OK"},
		},
	}
	for _, test := range tests {
		t.Run(fakeprovider.NameOf(test.fault), func(t *testing.T) {
			t.Parallel()
			if err := test.fault.Validate(); err != nil {
				t.Fatal(err)
			}
			got := seenOf(t, test.fault, protocol.OpenAIChat{})
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
		server, client := rig.ServeInMemory(t, fakeprovider.Options{Name: "primary", OnRequest: []fakeprovider.Fault{
			fakeprovider.Script{fakeprovider.Respond{}, rig.Step(func(_ context.Context, x fakeprovider.Exchange) error {
				late = fakeprovider.Whole(x)
				return nil
			})},
			fault.RedirectElsewhere{},
		}})
		if _, _, err := rig.Exchange(t, client, rig.Ask(t.Context(), t, server.URL()+"/v1/chat/completions", true)); err != nil {
			t.Fatal(err)
		}
		if !errors.Is(late, fakeprovider.ErrHeadSent) {
			t.Errorf("got %v, want ErrHeadSent", late)
		}
		r := rig.Ask(t.Context(), t, server.URL()+"/v1/chat/completions", true)
		r.Host = "10.0.0.1:80"
		if _, _, err := rig.Exchange(t, client, r); err == nil {
			t.Error("it was redirected")
		}
		if failed := rig.Texts(server.Recorder().Events(), timeline.HarnessFailed); len(failed) != 1 || !strings.Contains(failed[0], fault.ErrNoOtherName.Error()) {
			t.Errorf("got %q", failed)
		}
	})
}
