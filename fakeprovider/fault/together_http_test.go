package fault_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/chaosrun/chaosrun/fakeprovider"
	"github.com/chaosrun/chaosrun/fakeprovider/fault"
	"github.com/chaosrun/chaosrun/fakeprovider/internal/rig"
	"github.com/chaosrun/chaosrun/timeline"
)

// TestHTTPFaultsTogether plays several at once.
func TestHTTPFaultsTogether(t *testing.T) {
	t.Parallel()
	tests := []struct {
		fault fakeprovider.Together
		shows []string
	}{
		{
			fakeprovider.Together{
				fault.Informational{}, fault.LimitsSpent{}, fault.GzipStream{}, fault.MidStreamDrop{},
			},
			[]string{
				`| HTTP/1.1 103 Early Hints\r\n`, `| Content-Encoding: gzip\r\n`,
				`| x-ratelimit-remaining-tokens: 0\r\n`, "= read: EOF",
				"then read: unexpected EOF",
			},
		},
		{ // what a proxy holds back is lost with it
			fakeprovider.Together{fault.Buffered{}, fault.MidStreamDrop{}},
			[]string{"@ 501.191ms\n= read: EOF\nplain: request: EOF"},
		},
		{
			fakeprovider.Together{fault.LengthTooLong{}, fault.ServerError{}},
			[]string{
				`| HTTP/1.1 500 `, `| Content-Length: 1048576\r\n`,
				"plain: 500 Internal Server Error, 196 bytes of body, then read: unexpected EOF",
			},
		},
		{
			fakeprovider.Together{fault.HTTP10{}, fault.WholeAnswerForStream{}},
			[]string{`| HTTP/1.0 200 OK\r\n`, `| Content-Type: application/json\r\n`, "whole"},
		},
		{
			fakeprovider.Together{fault.MalformedJSON{}, fault.Buffered{}},
			[]string{"@ 581.191ms\n| HTTP/1.1 200", "plain: 200 OK"},
		},
	}
	for _, test := range tests {
		t.Run(fakeprovider.NameOf(test.fault), func(t *testing.T) {
			t.Parallel()
			if err := test.fault.Validate(); err != nil {
				t.Fatal(err)
			}
			got := asking{}.virtually(t, test.fault)
			for _, want := range test.shows {
				if !strings.Contains(got, want) {
					t.Errorf("it does not show %q:\n%s", want, got)
				}
			}
		})
	}
}

// A response cannot start anew once its head has left, nor can a host of a bare IP address be
// called otherwise.
func TestHTTPFaultsThatComeTooLate(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var late error
		server, client := rig.ServeInMemory(t, fakeprovider.Options{Name: "primary", OnRequest: []fakeprovider.Fault{
			fakeprovider.Script{
				fakeprovider.Respond{},
				rig.Step(func(_ context.Context, x fakeprovider.Exchange) error {
					late = fakeprovider.Whole(x)
					return nil
				}),
			},
			fault.RedirectElsewhere{},
		}})
		_, _, err := rig.Exchange(t, client, rig.Ask(t.Context(), t, server.URL()+"/v1/chat/completions", true))
		if err != nil {
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
		if failed := rig.Texts(server.Recorder().Events(), timeline.HarnessFailed); len(failed) != 1 ||
			!strings.Contains(failed[0], fault.ErrNoOtherName.Error()) {
			t.Errorf("got %q", failed)
		}
	})
}

func TestWhatCannotBeTogether(t *testing.T) {
	t.Parallel()
	refuses(t, fakeprovider.Together{fault.GzipStream{}, fault.Buffered{}},
		"gzip-stream and buffered both decide the framing")
	refuses(t, fakeprovider.Together{fault.ServerError{}, fault.EdgePage{}},
		"server-error and edge-page each are a whole response")
	refuses(t, fakeprovider.Together{fault.Refused{}, fault.GzipStream{}}, "after refused nothing else can happen")
}
