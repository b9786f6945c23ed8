package fault_test

import (
	"strings"
	"testing"

	"github.com/chaosrun/chaosrun/fakeprovider/fault"
	"github.com/chaosrun/chaosrun/fakeprovider/internal/rig"
)

func TestCommentsBetween(t *testing.T) {
	t.Parallel()
	shows(t, fault.CommentsBetween{}, `| : OPENROUTER PROCESSING\n`, `data: [DONE]`)
	undoes(t, fault.CommentsBetween{}, withoutComments)
}

// withoutComments takes away a comment before each event and one inside of it.
func withoutComments(t *testing.T, got rig.Reply, _ string) string {
	t.Helper()
	end := "\n"
	if strings.Contains(got.Body, "\r\n") {
		end = "\r\n"
	}
	parts := strings.Split(got.Body, ": OPENROUTER PROCESSING"+end)
	if len(parts) < 3 {
		t.Fatal("there are no comments")
	}
	for i := 1; i < len(parts); i += 2 {
		parts[i] = strings.TrimPrefix(parts[i], end)
	}
	return strings.Join(parts, "")
}
