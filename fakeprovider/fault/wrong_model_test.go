package fault_test

import (
	"testing"

	"github.com/chaosrun/chaosrun/fakeprovider/fault"
)

func TestWrongModel(t *testing.T) {
	t.Parallel()
	shows(t, fault.WrongModel{}, `"model":"substitute-model"`, "data: [DONE]")
	bounds(t, fault.WrongModel{}, "Model")
	undoes(t, fault.WrongModel{}, replaced("substitute-model", "some-model"))
}
