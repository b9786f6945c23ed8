package fault_test

import (
	"testing"

	"github.com/chaosrun/chaosrun/fakeprovider"
)

func TestHealthy(t *testing.T) {
	t.Parallel()
	shows(t, fakeprovider.Healthy{},
		"data: [DONE]",
		`"finish_reason":"stop"`,
		"plain: 200 OK",
		"whole",
	)
	bounds(t, fakeprovider.Healthy{}, "Text")
}
