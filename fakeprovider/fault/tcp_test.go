package fault_test

import (
	"bytes"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/chaosrun/chaosrun/fakeprovider"
	"github.com/chaosrun/chaosrun/fakeprovider/internal/rig"
)

// A standing puts up a fault over TCP.
type standing = func(*testing.T, fakeprovider.Fault, fakeprovider.Protocol, bool) *rig.Site

// tries is how often a world over TCP may look different before it does: a busy machine is late,
// and each further look takes longer.
const tries = 4

// checkTCP wants the same bytes and the same end over TCP as in virtual time, seen by a client
// that is as patient.
func (a asking) checkTCP(t *testing.T, info fakeprovider.Info, stand standing) {
	t.Helper()
	var differ string
	for try := range tries {
		if differ = a.differs(t, info, try+1, stand); differ == "" {
			return
		}
	}
	t.Error(differ)
}

// differs says what is not the same over TCP as in virtual time. Of what does not end both have
// seen a beginning.
func (a asking) differs(t *testing.T, info fakeprovider.Info, patience int, stand standing) string {
	t.Helper()
	site := stand(t, info.Default, speaker(t, info.Default), true)
	site.Asking = rig.Asking(a)
	site.Look = time.Duration(patience * int(site.Look))
	var want rig.Observation
	synctest.Test(t, func(t *testing.T) {
		virtual := a.virtual(t, info.Default, speaker(t, info.Default))
		virtual.Look = site.Look
		want = virtual.Observe(t)
	})
	got := site.Observe(t)
	here, there := got.BytesRead(), want.BytesRead()
	if strings.HasSuffix(want.End, "nothing more") {
		n := min(len(here), len(there))
		if n < len(there)/4 { // each of many waits is a little late
			return fmt.Sprintf("over TCP %d bytes arrived in the time of %d", len(here), len(there))
		}
		here, there = here[:n], there[:n]
	}
	if got.End != want.End {
		return fmt.Sprintf("over TCP it ends with %q, in virtual time with %q", got.End, want.End)
	}
	if !bytes.Equal(here, there) {
		return "(-virtual +TCP):\n" + cmp.Diff(string(there), string(here))
	}
	var plain string
	synctest.Test(t, func(t *testing.T) {
		virtual := a.virtual(t, info.Default, speaker(t, info.Default))
		virtual.Look = site.Look
		plain = virtual.Plain(t)
	})
	again := stand(t, info.Default, speaker(t, info.Default), true)
	again.Asking = rig.Asking(a)
	again.Look = site.Look
	if got := again.Plain(t); got != plain {
		return fmt.Sprintf("net/http over TCP: %s; in virtual time: %s", got, plain)
	}
	return ""
}
