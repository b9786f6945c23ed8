package fault_test

import (
	"bytes"
	"crypto/sha256"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/chaosrun/chaosrun/fakeprovider"
	"github.com/chaosrun/chaosrun/fakeprovider/fault"
	"github.com/chaosrun/chaosrun/fakeprovider/internal/rig"
	"github.com/chaosrun/chaosrun/fakeprovider/protocol"
)

// shows says of every fault what a raw client has to see of it, and what net/http: texts that stand in the golden of
// testdata/faults. The goldens hold all of it; these are what the taxonomy says.
func shows() map[string][]string {
	all := map[string][]string{}
	for _, level := range []map[string][]string{answers, connectionFaults, httpFaults, streamFaults, semanticFaults} {
		maps.Copy(all, level)
	}
	return all
}

// answers are no faults.
var answers = map[string][]string{
	"healthy": {"data: [DONE]", `"finish_reason":"stop"`, "plain: 200 OK", "whole"},
}

// TestFaults plays each fault by itself to a client that knows no HTTP, and to net/http, in every world that it claims. The page
// of faults says in which worlds each was seen.
func TestFaults(t *testing.T) {
	t.Parallel()
	want := shows()
	var seen sync.Map // sighting → true
	t.Run("each", func(t *testing.T) {
		for _, info := range fault.All() {
			texts, ok := want[info.Name]
			delete(want, info.Name)
			if !ok || len(texts) == 0 {
				t.Errorf("%s: nothing says what it shows", info.Name)
				continue
			}
			t.Run(info.Name, func(t *testing.T) {
				t.Parallel()
				checkFault(t, info, texts)
				for _, world := range fakeprovider.Worlds() {
					if fakeprovider.Cannot(info.Default, world) == nil && !t.Failed() {
						seen.Store(sighting{info.Name, world}, true)
					}
				}
			})
		}
	})
	for name := range want {
		t.Errorf("%s is no fault", name)
	}
	if !t.Failed() {
		checkPage(t, func(fault string, world fakeprovider.World) bool {
			_, ok := seen.Load(sighting{fault, world})
			return ok
		})
	}
}

// A sighting is a fault that was seen in a world.
type sighting struct {
	fault string
	world fakeprovider.World
}

// checkFault looks at a fault in every world that it claims.
func checkFault(t *testing.T, info fakeprovider.Info, texts []string) {
	t.Helper()
	golden := checkVirtual(t, info)
	for _, text := range texts {
		if !strings.Contains(golden, text) {
			t.Errorf("it does not show %q", text)
		}
	}
	if fakeprovider.Cannot(info.Default, fakeprovider.WorldLoopback) == nil {
		checkTCP(t, info, rig.LoopbackSite)
	}
	if fakeprovider.Cannot(info.Default, fakeprovider.WorldServe) == nil {
		checkTCP(t, info, rig.ServedSite)
	}
}

// speaker is the first protocol that can have a fault.
func speaker(t *testing.T, fault fakeprovider.Fault) fakeprovider.Protocol {
	t.Helper()
	for _, p := range protocol.All() {
		if fakeprovider.CannotSay(fault, p, rig.Parsed(t, p, true).Request) == nil {
			return p
		}
	}
	t.Fatalf("no protocol can have %s", fakeprovider.NameOf(fault))
	return nil
}

// goldenPath is where a fault's observation is kept.
func goldenPath(name string) string { return filepath.Join("testdata", "faults", name+".txt") }

// checkVirtual holds what is seen in virtual time against the golden, to the instant.
func checkVirtual(t *testing.T, info fakeprovider.Info) string {
	t.Helper()
	if err := fakeprovider.Cannot(info.Default, fakeprovider.WorldVirtual); err != nil {
		t.Errorf("every fault has to work in virtual time: %v", err)
		return ""
	}
	got := virtually(t, info.Default)
	if *rig.Update {
		if err := os.MkdirAll(filepath.Dir(goldenPath(info.Name)), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(goldenPath(info.Name), []byte(got), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	golden, err := os.ReadFile(goldenPath(info.Name))
	if err != nil {
		t.Fatalf("%v; run go test -update", err)
	}
	if diff := cmp.Diff(string(golden), got); diff != "" {
		t.Errorf("(-golden +got):\n%s", diff)
	}
	return got
}

// virtually is what both clients see in virtual time.
func virtually(t *testing.T, fault fakeprovider.Fault) (seen string) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		seen = rig.VirtualSite(t, fault, speaker(t, fault), true).Observe(t).Text(true)
	})
	synctest.Test(t, func(t *testing.T) {
		seen += "plain: " + rig.VirtualSite(t, fault, speaker(t, fault), true).Plain(t) + "\n"
	})
	return seen
}

// tries is how often a world over TCP may look different before it does: a busy machine is late, and each further look takes longer.
const tries = 4

// checkTCP wants the same bytes and the same end over TCP as in virtual time, seen by a client that is as patient.
func checkTCP(t *testing.T, info fakeprovider.Info, stand func(*testing.T, fakeprovider.Fault, fakeprovider.Protocol, bool) *rig.Site) {
	t.Helper()
	var differ string
	for try := range tries {
		if differ = differs(t, info, try+1, stand); differ == "" {
			return
		}
	}
	t.Error(differ)
}

// differs says what is not the same over TCP as in virtual time. Of what does not end both have seen a beginning.
func differs(
	t *testing.T, info fakeprovider.Info, patience int, stand func(*testing.T, fakeprovider.Fault, fakeprovider.Protocol, bool) *rig.Site,
) string {
	t.Helper()
	site := stand(t, info.Default, speaker(t, info.Default), true)
	site.Look = time.Duration(patience * int(site.Look))
	var want rig.Observation
	synctest.Test(t, func(t *testing.T) {
		virtual := rig.VirtualSite(t, info.Default, speaker(t, info.Default), true)
		virtual.Look = site.Look
		want = virtual.Observe(t)
	})
	got := site.Observe(t)
	a, b := got.BytesRead(), want.BytesRead()
	if strings.HasSuffix(want.End, "nothing more") {
		n := min(len(a), len(b))
		if n < len(b)/4 { // each of many waits is a little late
			return fmt.Sprintf("over TCP %d bytes arrived in the time of %d", len(a), len(b))
		}
		a, b = a[:n], b[:n]
	}
	if got.End != want.End {
		return fmt.Sprintf("over TCP it ends with %q, in virtual time with %q", got.End, want.End)
	}
	if !bytes.Equal(a, b) {
		return "(-virtual +TCP):\n" + cmp.Diff(string(b), string(a))
	}
	var plain string
	synctest.Test(t, func(t *testing.T) {
		virtual := rig.VirtualSite(t, info.Default, speaker(t, info.Default), true)
		virtual.Look = site.Look
		plain = virtual.Plain(t)
	})
	again := stand(t, info.Default, speaker(t, info.Default), true)
	again.Look = site.Look
	if got := again.Plain(t); got != plain {
		return fmt.Sprintf("net/http over TCP: %s; in virtual time: %s", got, plain)
	}
	return ""
}

// TestFaultsDiffer wants no two faults that a raw client cannot tell apart.
func TestFaultsDiffer(t *testing.T) {
	t.Parallel()
	seen := map[[32]byte]string{}
	for _, info := range fault.All() {
		fingerprint := sha256.Sum256([]byte(virtually(t, info.Default)))
		if other, known := seen[fingerprint]; known {
			t.Errorf("%s and %s look the same", info.Name, other)
		}
		seen[fingerprint] = info.Name
	}
}

// TestTheTaxonomyIsWhole wants a fault for every row.
func TestTheTaxonomyIsWhole(t *testing.T) {
	t.Parallel()
	missing := map[string]bool{}
	for letter, rows := range map[string]int{"C": 17, "H": 25, "S": 25, "M": 11} {
		for n := range rows {
			missing[fmt.Sprintf("%s%d", letter, n+1)] = true
		}
	}
	for _, info := range fault.All() {
		for _, id := range info.IDs {
			delete(missing, id)
		}
	}
	for id := range missing {
		t.Errorf("no fault is row %s", id)
	}
}
