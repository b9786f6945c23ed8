package fault_test

import (
	"testing"

	"github.com/chaosrun/chaosrun/fakeprovider/fault"
)

func TestUnknownEvents(t *testing.T) {
	t.Parallel()
	shows(t, fault.UnknownEvents{},
		`| event: x.unknown\n`,
		`| data: {"type":"x.unknown"}\n`,
		`data: [DONE]`,
	)
	undoes(t, fault.UnknownEvents{}, replacedAll(`event: x\.unknown\r?\ndata: {"type":"x\.unknown"}\r?\n\r?\n`, ""))
}
