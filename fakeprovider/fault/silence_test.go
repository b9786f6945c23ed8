package fault_test

import (
	"testing"

	"github.com/chaosrun/chaosrun/fakeprovider/fault"
)

func TestSilence(t *testing.T) {
	t.Parallel()
	shows(t, fault.Silence{}, "= read: nothing more", "plain: 200 OK, a body that does not end")
}
