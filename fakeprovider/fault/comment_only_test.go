package fault_test

import (
	"testing"

	"github.com/chaosrun/chaosrun/fakeprovider/fault"
)

func TestCommentOnly(t *testing.T) {
	t.Parallel()
	shows(t, fault.CommentOnly{},
		`| : OPENROUTER PROCESSING\n`,
		"@ 10.001191s",
		"@ 20.001191s",
		"= read: nothing more",
	)
	bounds(t, fault.CommentOnly{}, "Text")
}
