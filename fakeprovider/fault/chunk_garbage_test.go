package fault_test

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	"github.com/chaosrun/chaosrun/fakeprovider/fault"
)

func TestChunkGarbage(t *testing.T) {
	t.Parallel()
	shows(t, fault.ChunkGarbage{},
		`| bad\tsize\r\n`,
		"= read: EOF",
		"then read: invalid byte in chunk length",
	)
	bounds(t, fault.ChunkGarbage{})
	also(t, fault.ChunkGarbage{After: 1}, "then read: invalid byte in chunk length")
	refuses(t, fault.ChunkGarbage{After: -1}, "chunk-garbage: after is -1")
	undoesRaw(t, fault.ChunkGarbage{}, func(t *testing.T, raw []byte, healthy string) string {
		t.Helper()
		before, after, _ := bytes.Cut(raw, []byte("bad\tsize\r\n"))
		_, body, err := response(t, raw)
		if err == nil || !strings.HasPrefix(healthy, body) {
			t.Errorf("%q, then %v", body, err)
		}
		piece := 0
		for rest := strings.TrimPrefix(healthy, body); piece < min(len(rest), len(after)) &&
			rest[piece] == after[piece]; {
			piece++
		}
		return wholeBody(t, fmt.Appendf(bytes.Clone(before), "%x\r\n%s", piece, after), "")
	})
}
