package memnet_test

import (
	"bytes"
	"errors"
	"io"
	"os"
	"testing"
	"testing/synctest"
	"time"

	"pgregory.net/rapid"

	"github.com/chaosrun/chaosrun/internal/memnet"
)

// A courier is a plan for carrying bytes from one end to the other: how writes and reads are cut,
// how long either side rests between two of them, and how soon deadlines interrupt it.
type courier struct {
	writes, reads           []int // sizes, used in turn; all at least 1
	writerRests, readerRest time.Duration
	writeLimit, readLimit   time.Duration
	stallEvery              time.Duration // the network is away for as long as it is there; 0 is never
}

// carry sends data through a connection and returns what comes out, in virtual time.
func (c courier) carry(t *testing.T, data []byte) (got []byte) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		a, b := memnet.Pipe()
		done := make(chan struct{})
		go c.disturb(a, done)
		go func() {
			defer func() { _ = a.Close() }()
			for i, rest := 0, data; len(rest) > 0; i++ {
				_ = a.SetWriteDeadline(time.Now().Add(c.writeLimit))
				n, err := a.Write(rest[:min(len(rest), c.writes[i%len(c.writes)])])
				if err != nil && !errors.Is(err, os.ErrDeadlineExceeded) {
					t.Errorf("write: %v", err)
					return
				}
				rest = rest[n:]
				time.Sleep(c.writerRests)
			}
		}()
		for i := 0; ; i++ {
			buf := make([]byte, c.reads[i%len(c.reads)])
			_ = b.SetReadDeadline(time.Now().Add(c.readLimit))
			n, err := b.Read(buf)
			got = append(got, buf[:n]...)
			if errors.Is(err, io.EOF) {
				break
			}
			if err != nil && !errors.Is(err, os.ErrDeadlineExceeded) {
				t.Errorf("read: %v", err)
				break
			}
			time.Sleep(c.readerRest)
		}
		close(done)
	})
	return got
}

// disturb stalls and resumes the connection until done.
func (c courier) disturb(conn *memnet.Conn, done <-chan struct{}) {
	defer conn.Resume()
	if c.stallEvery == 0 {
		return
	}
	tick := time.NewTicker(c.stallEvery)
	defer tick.Stop()
	for change := conn.Stall; ; {
		select {
		case <-done:
			return
		case <-tick.C:
			change()
		}
		if change = conn.Resume; time.Now().UnixNano()/int64(c.stallEvery)%2 == 0 {
			change = conn.Stall
		}
	}
}

// TestBytesInAreBytesOut cuts, delays, interrupts and stalls a stream at random.
func TestBytesInAreBytesOut(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		data := rapid.SliceOfN(rapid.Byte(), 0, 1<<10).Draw(rt, "data")
		data = append(data,
			bytes.Repeat([]byte("0123456789"), rapid.SampledFrom([]int{0, 10, 20_000}).Draw(rt, "more"))...)
		sizes := rapid.SliceOfN(rapid.IntRange(1+len(data)/100, 100_000), 1, 5)
		rests := rapid.SampledFrom([]time.Duration{0, time.Millisecond, 10 * time.Millisecond})
		limits := rapid.SampledFrom([]time.Duration{3 * time.Millisecond, time.Second, time.Hour})
		c := courier{
			writes: sizes.Draw(rt, "writes"), reads: sizes.Draw(rt, "reads"),
			writerRests: rests.Draw(rt, "writer rests"), readerRest: rests.Draw(rt, "reader rests"),
			writeLimit: limits.Draw(rt, "write limit"), readLimit: limits.Draw(rt, "read limit"),
			stallEvery: rapid.SampledFrom([]time.Duration{0, 7 * time.Millisecond, 100 * time.Millisecond}).Draw(rt,
				"stall every"),
		}
		if got := c.carry(t, data); !bytes.Equal(got, data) {
			rt.Fatalf("read %d bytes, wrote %d, or others", len(got), len(data))
		}
	})
}

func FuzzChunks(f *testing.F) {
	f.Add([]byte("hello"), uint8(1), uint8(2))
	f.Add([]byte{}, uint8(0), uint8(0))
	f.Fuzz(func(t *testing.T, data []byte, write, read uint8) {
		c := courier{
			writes: []int{int(write) + 1}, reads: []int{int(read) + 1}, writerRests: time.Duration(write),
			readerRest: time.Duration(read),
			writeLimit: time.Hour, readLimit: time.Hour,
		}
		if got := c.carry(t, data); !bytes.Equal(got, data) {
			t.Errorf("read %q, wrote %q", got, data)
		}
	})
}

func BenchmarkThroughput(b *testing.B) {
	const chunk = 32 << 10
	client, server := memnet.Pipe()
	done := make(chan error, 1)
	go func() {
		_, err := io.CopyBuffer(struct{ io.Writer }{io.Discard}, server, make([]byte, chunk))
		done <- err
	}()
	data := make([]byte, chunk)
	b.SetBytes(chunk)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := client.Write(data); err != nil {
			b.Fatal(err)
		}
	}
	if err := errors.Join(client.Close(), <-done); err != nil {
		b.Fatal(err)
	}
}
