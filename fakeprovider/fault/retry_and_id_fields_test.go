package fault_test

import (
	"testing"

	"github.com/chaosrun/chaosrun/fakeprovider/fault"
)

func TestRetryAndIDFields(t *testing.T) {
	t.Parallel()
	shows(t, fault.RetryAndIDFields{}, `| id: 1\n`, `| retry: 3000\n`, `data: [DONE]`)
	undoes(t, fault.RetryAndIDFields{}, replacedAll(`id: \d+\r?\nretry: 3000\r?\n`, ""))
}
