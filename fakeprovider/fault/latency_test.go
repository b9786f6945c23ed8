package fault_test

import (
	"bytes"
	"testing"
	"testing/synctest"
	"time"

	"github.com/chaosrun/chaosrun/fakeprovider"
	"github.com/chaosrun/chaosrun/fakeprovider/fault"
	"github.com/chaosrun/chaosrun/fakeprovider/internal/rig"
	"github.com/chaosrun/chaosrun/fakeprovider/protocol"
)

func TestLatency(t *testing.T) {
	t.Parallel()
	shows(t, fault.Latency{}, "@ 2.40", "@ 2.42", "data: [DONE]", "plain: 200 OK", "whole")
	bounds(t, fault.Latency{})
	undoes(t, fault.Latency{}, same)
}

// Latency delays and changes nothing: the same bytes in the same order, each late by the delay and
// up to the jitter.
func TestLatencyKeepsTheOrder(t *testing.T) {
	t.Parallel()
	look := func(fault fakeprovider.Fault) (o rig.Observation) {
		synctest.Test(t, func(t *testing.T) { o = rig.VirtualSite(t, fault, protocol.OpenAIChat{}, true).Observe(t) })
		return o
	}
	const delay, jitter = 3 * time.Second, 400 * time.Millisecond
	plain, even := look(fault.Latency{Delay: time.Nanosecond}), look(fault.Latency{Delay: delay})
	if len(plain.Arrivals) != len(even.Arrivals) {
		t.Fatalf("%d arrivals became %d", len(plain.Arrivals), len(even.Arrivals))
	}
	for i, a := range even.Arrivals {
		if a.At-plain.Arrivals[i].At != delay-time.Nanosecond || !bytes.Equal(a.Bytes, plain.Arrivals[i].Bytes) {
			t.Errorf("arrival %d came at %s instead of %s", i, a.At, plain.Arrivals[i].At)
		}
	}
	uneven := look(fault.Latency{Delay: delay, Jitter: jitter})
	if !bytes.Equal(uneven.BytesRead(), plain.BytesRead()) {
		t.Error("jitter changes the bytes or their order")
	}
	if uneven.Text(true) == even.Text(true) || uneven.EndAt < even.EndAt || uneven.EndAt > even.EndAt+jitter {
		t.Errorf("with jitter it ends at %s, without at %s", uneven.EndAt, even.EndAt)
	}
}
