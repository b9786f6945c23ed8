package fault_test

import (
	"testing"

	"github.com/chaosrun/chaosrun/fakeprovider"
	"github.com/chaosrun/chaosrun/fakeprovider/fault"
)

func TestCutInFrame(t *testing.T) {
	t.Parallel()
	shows(t, fault.CutInFrame{},
		`data: {"id":"chatcmpl-98SYzut4ZLAPwTGet2Zd6wjhFBT9s","object":"chat.completion.chunk","created":1782907200,"model":"some-model","service_tier":"default","system_finger\r\n`,
		"unexpected EOF",
	)
	bounds(t, fault.CutInFrame{})
	undoes(t, fault.CutInFrame{}, cutShort)
	undoes(t, fault.CutInFrame{How: fakeprovider.Reset}, cutShort)
	undoes(t, fault.CutInFrame{How: fakeprovider.EOF}, cutShort)
}
