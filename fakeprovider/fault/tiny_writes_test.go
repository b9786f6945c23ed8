package fault_test

import (
	"testing"

	"github.com/chaosrun/chaosrun/fakeprovider/fault"
)

func TestTinyWrites(t *testing.T) {
	t.Parallel()
	shows(t, fault.TinyWrites{}, `| 10\r\n`, `| data: {"id":"cha\r\n`)
	bounds(t, fault.TinyWrites{})
	undoes(t, fault.TinyWrites{}, same)
}
