package fault_test

import (
	"strings"
	"testing"

	"github.com/chaosrun/chaosrun/fakeprovider/fault"
)

func TestChunkCut(t *testing.T) {
	t.Parallel()
	shows(t, fault.ChunkCut{}, "= read: EOF", "then read: unexpected EOF")
	bounds(t, fault.ChunkCut{})
	also(t, fault.ChunkCut{After: 9}, "then read: unexpected EOF")
	refuses(t, fault.ChunkCut{After: -1}, "chunk-cut: after is -1")
	undoesRaw(t, fault.ChunkCut{}, func(t *testing.T, raw []byte, healthy string) string {
		t.Helper()
		_, body, err := response(t, raw)
		if err == nil || len(body) == 0 || len(body) >= len(healthy) || !strings.HasPrefix(healthy, body) {
			t.Errorf("%d bytes of %d, then %v", len(body), len(healthy), err)
		}
		return body + strings.TrimPrefix(healthy, body)
	})
}
