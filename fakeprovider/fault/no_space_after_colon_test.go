package fault_test

import (
	"testing"

	"github.com/chaosrun/chaosrun/fakeprovider/fault"
)

func TestNoSpaceAfterColon(t *testing.T) {
	t.Parallel()
	shows(t, fault.NoSpaceAfterColon{}, `| data:{"id"`, `| data:[DONE]\n`)
	undoes(t, fault.NoSpaceAfterColon{}, replacedAll(`(?m)^(data|event):`, "$1: "))
}
