package fault_test

import (
	"testing"

	"github.com/chaosrun/chaosrun/fakeprovider/fault"
)

func TestContentFilter(t *testing.T) {
	t.Parallel()
	shows(t, fault.ContentFilter{},
		`"delta":{"content":" five-primary"}`,
		`"finish_reason":"content_filter"`,
	)
	bounds(t, fault.ContentFilter{})
}
