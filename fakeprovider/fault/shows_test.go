package fault_test

import (
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/google/go-cmp/cmp"

	"github.com/chaosrun/chaosrun/fakeprovider"
	"github.com/chaosrun/chaosrun/fakeprovider/internal/rig"
	"github.com/chaosrun/chaosrun/fakeprovider/protocol"
)

// An asking looks at a fault, with more or larger requests where one of the usual size does not
// show it.
type asking rig.Asking

// shows plays a fault with its defaults to a client that knows no HTTP, and to net/http. What they
// see has to be the golden of testdata/faults, and the texts have to be in it: the golden holds
// all, the texts say what matters. With -tcp it plays the fault over TCP too, in every world that
// the fault claims.
func shows(t *testing.T, zero fakeprovider.Described, texts ...string) {
	t.Helper()
	asking{}.shows(t, zero, texts...)
}

func (a asking) shows(t *testing.T, zero fakeprovider.Described, texts ...string) {
	t.Helper()
	info := zero.Info()
	if len(texts) == 0 {
		t.Errorf("nothing says what %s shows", info.Name)
	}
	golden := a.checkVirtual(t, info)
	for _, text := range texts {
		if !strings.Contains(golden, text) {
			t.Errorf("it does not show %q", text)
		}
	}
	// A zero field means the default.
	if !reflect.DeepEqual(info.Default, fakeprovider.Fault(zero)) {
		if diff := cmp.Diff(golden, a.virtually(t, zero)); diff != "" {
			t.Errorf("(-default +zero):\n%s", diff)
		}
	}
	if !*rig.TCP {
		return
	}
	for world, stand := range map[fakeprovider.World]standing{
		fakeprovider.WorldLoopback: rig.LoopbackSite, fakeprovider.WorldServe: rig.ServedSite,
	} {
		if fakeprovider.Cannot(info.Default, world) == nil {
			a.checkTCP(t, info, stand)
		}
	}
}

// also wants texts in what is seen of a fault whose parameters are not the defaults.
func also(t *testing.T, fault fakeprovider.Fault, texts ...string) {
	t.Helper()
	t.Run(fmt.Sprintf("%s %+v", fakeprovider.NameOf(fault), fault), func(t *testing.T) {
		t.Parallel()
		got := asking{}.virtually(t, fault)
		for _, want := range texts {
			if !strings.Contains(got, want) {
				t.Errorf("it does not show %q:\n%s", want, got)
			}
		}
	})
}

// refuses wants parameters that are refused, with a text in the reason.
func refuses(t *testing.T, fault fakeprovider.Validator, why string) {
	t.Helper()
	if err := fault.Validate(); err == nil || !strings.Contains(err.Error(), why) {
		t.Errorf("%#v: got %v, want %q", fault, err, why)
	}
}

// bounds takes each parameter of a fault below what it can be: a negative number, a word that is
// none. All have to be refused but those of the free parameters, which take any value.
func bounds(t *testing.T, zero fakeprovider.Described, free ...string) {
	t.Helper()
	typ := reflect.TypeOf(zero)
	for i := range typ.NumField() {
		bad := reflect.New(typ).Elem()
		bad.Set(reflect.ValueOf(zero.Info().Default))
		name := typ.Field(i).Name
		switch field := bad.Field(i); field.Kind() { //nolint:exhaustive // the kinds that parameters have
		case reflect.Int, reflect.Int64:
			field.SetInt(-1)
		case reflect.Uint8:
			field.SetUint(250)
		case reflect.String:
			field.SetString("no such word")
		case reflect.Bool:
			continue
		default:
			t.Errorf("%s: the test knows no bad %s", name, field.Kind())
		}
		v, ok := reflect.TypeAssert[fakeprovider.Validator](bad)
		if refused := ok && v.Validate() != nil; refused == slices.Contains(free, name) {
			t.Errorf("%s = %v: refused is %t", name, bad.Field(i), refused)
		}
	}
}

// speaker returns the first protocol that can have a fault.
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

// goldenPath returns where a fault's observation is kept.
func goldenPath(name string) string { return filepath.Join("testdata", "faults", name+".txt") }

// checkVirtual holds what is seen in virtual time against the golden, to the instant.
func (a asking) checkVirtual(t *testing.T, info fakeprovider.Info) string {
	t.Helper()
	if err := fakeprovider.Cannot(info.Default, fakeprovider.WorldVirtual); err != nil {
		t.Errorf("every fault has to work in virtual time: %v", err)
		return ""
	}
	got := a.virtually(t, info.Default)
	if *rig.Update {
		if err := os.MkdirAll(filepath.Dir(goldenPath(info.Name)), 0o750); err != nil {
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

// virtually returns what both clients see in virtual time, in the first protocol that can have the
// fault.
func (a asking) virtually(t *testing.T, fault fakeprovider.Fault) string {
	t.Helper()
	return a.seenOf(t, fault, speaker(t, fault))
}

// seenOf returns what a raw client and net/http see of a fault in virtual time, in a protocol.
func (a asking) seenOf(t *testing.T, fault fakeprovider.Fault, p fakeprovider.Protocol) (seen string) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) { seen = a.virtual(t, fault, p).Observe(t).Text(true) })
	synctest.Test(t, func(t *testing.T) { seen += "plain: " + a.virtual(t, fault, p).Plain(t) + "\n" })
	return seen
}

// virtual stands a fault up in virtual time. Call it inside a bubble.
func (a asking) virtual(t *testing.T, fault fakeprovider.Fault, p fakeprovider.Protocol) *rig.Site {
	t.Helper()
	site := rig.VirtualSite(t, fault, p, true)
	site.Asking = rig.Asking(a)
	return site
}
