package fakeprovider_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/chaosrun/chaosrun/fakeprovider"
	"github.com/chaosrun/chaosrun/fakeprovider/fault"
	"github.com/chaosrun/chaosrun/fakeprovider/internal/rig"
	"github.com/chaosrun/chaosrun/fakeprovider/protocol"
	"github.com/chaosrun/chaosrun/timeline"
)

// keepBack adds a filter that keeps everything until the end.
func keepBack(_ context.Context, x fakeprovider.Exchange) error {
	var sends []func() error
	x.Filters().Through(func(_ fakeprovider.Frame, data []byte, next func([]byte) error) error {
		sends = append(sends, func() error { return next(data) })
		return nil
	})
	x.Filters().AtEnd(func() error {
		for _, send := range sends {
			if err := send(); err != nil {
				return err
			}
		}
		return nil
	})
	return nil
}

// TestAtEnd checks that bytes kept by a filter are sent, and count as sent, before a response
// ends in good order. If it ends in any other way they are never sent.
func TestAtEnd(t *testing.T) {
	t.Parallel()
	text := fakeprovider.Text{Value: "a b"}
	for name, test := range map[string]struct {
		end  fakeprovider.Step
		sent []string
	}{
		"in good order": {fakeprovider.Finish{}, []string{"a", " b"}},
		"with an error": {fakeprovider.Fail{Status: 500}, []string{"a", " b"}},
		"cut":           {fakeprovider.End{How: fakeprovider.Cut}, nil},
		"in good order, twice": {
			fakeprovider.Script{fakeprovider.Finish{}, fakeprovider.End{How: fakeprovider.EOF}}, []string{"a", " b"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := rig.ReplyOf(t, protocol.OpenAIChat{}, fakeprovider.Script{rig.Step(keepBack), text, test.end}, true)
			if diff := cmp.Diff(test.sent, rig.Texts(got.Events, timeline.TextSent)); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			for _, word := range test.sent {
				if strings.Count(got.Body, `"content":"`+word+`"`) != 1 {
					t.Errorf("%q is not in the body once: %s", word, got.Body)
				}
			}
			if failed := rig.Texts(got.Events, timeline.HarnessFailed); len(failed) > 0 {
				t.Error(failed)
			}
		})
	}
}

// TestSpeak changes the protocol before the head. After the head, or to the same protocol, it is
// an error.
func TestSpeak(t *testing.T) {
	t.Parallel()
	var late, same error
	rig.ReplyOf(t, protocol.OpenAIChat{}, fakeprovider.Script{
		rig.Step(func(_ context.Context, x fakeprovider.Exchange) error {
			same = fakeprovider.Speak(x, protocol.OpenAIChat{})
			return x.Head(200, nil)
		}),
		rig.Step(func(_ context.Context, x fakeprovider.Exchange) error {
			late = fakeprovider.Speak(x, protocol.Gemini{})
			return nil
		}),
	}, true)
	if !errors.Is(same, fakeprovider.ErrSameProtocol) || !errors.Is(late, fakeprovider.ErrHeadSent) {
		t.Errorf("the same: %v; too late: %v", same, late)
	}
	got := rig.ReplyOf(t, protocol.OpenAIChat{}, fault.WrongWire{Protocol: "openai-chat"}, true)
	if failed := rig.Texts(got.Events, timeline.HarnessFailed); len(failed) != 1 ||
		!strings.Contains(failed[0], "openai-chat") {
		t.Errorf("its own protocol as the wrong one: %q", failed)
	}
	got = rig.ReplyOf(t, protocol.OpenAIChat{}, fakeprovider.Script{
		rig.Step(func(_ context.Context, x fakeprovider.Exchange) error {
			return fakeprovider.Speak(x, protocol.AnthropicMessages{})
		}),
		fakeprovider.Fail{Status: 529},
	}, true)
	if !strings.Contains(got.Body, "overloaded_error") {
		t.Errorf("an error in the other protocol: %s", got.Body)
	}
}

// TestCuttersComeLast checks that faults that look at frames see them whole, whatever the order
// of the faults.
func TestCuttersComeLast(t *testing.T) {
	t.Parallel()
	cut, broken := fault.TinyWrites{}, fault.MalformedJSON{}
	one := rig.ReplyOf(t, protocol.OpenAIChat{}, fakeprovider.Together{cut, broken}, true)
	other := rig.ReplyOf(t, protocol.OpenAIChat{}, fakeprovider.Together{broken, cut}, true)
	alone := rig.ReplyOf(t, protocol.OpenAIChat{}, broken, true)
	if one.Body != other.Body || one.Body != alone.Body {
		t.Errorf("(-alone +cut as well):\n%s", cmp.Diff(alone.Body, one.Body))
	}
	multi := rig.ReplyOf(t, protocol.OpenAIChat{}, fakeprovider.Together{fault.SplitUTF8{}, fault.CRLF{}}, true)
	if !strings.Contains(multi.Body, "🎉") || !strings.Contains(multi.Body, "\r\n\r\n") {
		t.Errorf("it is not laid over an answer with something to cut: %s", multi.Body)
	}
}
