package fault_test

import (
	"runtime"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/chaosrun/chaosrun/fakeprovider"
	"github.com/chaosrun/chaosrun/fakeprovider/fault"
	"github.com/chaosrun/chaosrun/fakeprovider/internal/rig"
	"github.com/chaosrun/chaosrun/fakeprovider/protocol"
)

// TestHTTPFaultsAreOfConstantSize streams through each fault that writes the response itself, and
// looks at what stays in memory. It is not parallel, because others would count.
//
//nolint:paralleltest // others would count
func TestHTTPFaultsAreOfConstantSize(t *testing.T) {
	const (
		size  = 64 << 20
		piece = 64 << 10
		most  = 4 << 20
	)
	long := fakeprovider.Script{
		fakeprovider.Respond{}, fakeprovider.Repeat{
			Times: size / piece, Every: time.Microsecond,
			Steps: fakeprovider.Script{fakeprovider.Raw{Value: strings.Repeat("x", piece)}},
		},
	}
	tests := map[string]fakeprovider.Fault{
		"oversized-headers": fault.OversizedHeaders{Size: size, Every: time.Microsecond},
		"gzip-stream":       fakeprovider.Together{fault.GzipStream{}, long},
		"gzip-stream end":   fakeprovider.Together{fault.GzipStream{Flush: "end"}, long},
		"buffered":          fakeprovider.Together{fault.Buffered{}, long},
		"http10":            fakeprovider.Together{fault.HTTP10{}, long},
		"trailer-error":     fakeprovider.Together{fault.TrailerError{}, long},
		"length-too-long":   fakeprovider.Together{fault.LengthTooLong{Length: size * 2}, long},
	}
	for name, fault := range tests {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := rig.VirtualSite(t, fault, protocol.OpenAIChat{}, true)
				if read, more := drain(t, s, size/8); read < size || more > most {
					t.Errorf("%d bytes of %d came, and up to %d more were in use", read, size, more)
				}
			})
		})
	}
	t.Run("what is held is seen", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			s := rig.VirtualSite(t, fakeprovider.Together{fault.Buffered{Size: 4 * most}, long}, protocol.OpenAIChat{},
				true)
			if _, more := drain(t, s, size/64); more < most {
				t.Errorf("%d bytes are held, and only %d are in use", 4*most, more)
			}
		})
	})
}

// drain reads all that comes, and looks at each step of so many bytes how much more memory is in
// use than before the first. Call it inside a bubble.
func drain(t *testing.T, s *rig.Site, step int) (read int, more uint64) {
	t.Helper()
	conn, err := s.Dial(t.Context(), "tcp", s.Address)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close() }()
	if err := s.Request(t).Write(conn); err != nil {
		t.Fatal(err)
	}
	buffer := make([]byte, 64<<10)
	before := inUse()
	for next := step; err == nil; {
		var n int
		n, err = conn.Read(buffer)
		if read += n; read < next {
			continue
		}
		next += step
		synctest.Wait() // until the provider waits for its reader
		if now := inUse(); now > before {
			more = max(more, now-before)
		}
	}
	return read, more
}

// inUse returns how many bytes of memory are reachable.
func inUse() uint64 {
	runtime.GC() //nolint:revive // what is reachable is what is asked for
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}
