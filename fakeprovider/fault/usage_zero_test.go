package fault_test

import (
	"regexp"
	"strings"
	"testing"

	"github.com/chaosrun/chaosrun/fakeprovider/fault"
	"github.com/chaosrun/chaosrun/fakeprovider/internal/rig"
)

func TestUsageZero(t *testing.T) {
	t.Parallel()
	shows(t, fault.UsageZero{}, `"total_tokens":0`, "data: [DONE]")
	undoes(t, fault.UsageZero{}, noNumbers)
}

// noNumbers returns the healthy body if nothing but numbers have changed, to zeros.
func noNumbers(t *testing.T, got rig.Reply, healthy string) string {
	t.Helper()
	number := regexp.MustCompile(`: ?\d+`)
	if got.Body == healthy {
		t.Error("nothing has changed")
	}
	a, b := number.FindAllString(got.Body, -1), number.FindAllString(healthy, -1)
	for i := range a {
		if i < len(b) && a[i] != b[i] && strings.TrimLeft(a[i], ": ") != "0" {
			t.Errorf("%s became %s", b[i], a[i])
		}
	}
	if number.ReplaceAllString(got.Body, ":") == number.ReplaceAllString(healthy, ":") {
		return healthy
	}
	return got.Body
}
