package fault_test

import (
	"testing"

	"github.com/chaosrun/chaosrun/fakeprovider/fault"
)

func TestMultiLineData(t *testing.T) {
	t.Parallel()
	shows(t, fault.MultiLineData{},
		`| data: {\n`,
		`| data: "id":"chatcmpl-98SYzut4ZLAPwTGet2Zd6wjhFBT9s",\n`,
		`data: [DONE]`,
	)
	undoes(t, fault.MultiLineData{}, replacedAll(`([{,]) ?\r?\ndata: "`, `$1"`))
}
