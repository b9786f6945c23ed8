package fakeprovider_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"golang.org/x/net/http2"

	"github.com/chaosrun/chaosrun/fakeprovider"
	"github.com/chaosrun/chaosrun/fakeprovider/fault"
	"github.com/chaosrun/chaosrun/fakeprovider/internal/rig"
	"github.com/chaosrun/chaosrun/fakeprovider/protocol"
	"github.com/chaosrun/chaosrun/timeline"
)

// framedSite returns a site that builds HTTP/2 from frames. Call it inside a bubble.
func framedSite(t *testing.T, change func(*fakeprovider.Options), entries ...fakeprovider.Fault) *rig.Site {
	t.Helper()
	o, roots := rig.SiteOptions(t, fault.HTTP2GoAway{}, protocol.OpenAIChat{}, rig.VirtualHost, 1)
	o.OnRequest = entries
	if change != nil {
		change(&o)
	}
	s := rig.VirtualSiteOf(t, o)
	s.Fault, s.Roots = fault.HTTP2GoAway{}, roots
	return s
}

// framesOf makes a client of frames send requests on several streams, and reads to the end of the
// connection or of the site's patience.
func framesOf(t *testing.T, s *rig.Site, streams int) (transcript string, end error) {
	t.Helper()
	conn, doing, err := s.DialFrames(t.Context())
	if err != nil {
		t.Fatalf("%s: %v", doing, err)
	}
	defer func() { _ = conn.Close() }()
	c, err := rig.NewFramesClient(conn)
	if err != nil {
		t.Fatal(err)
	}
	for n := range streams {
		if err := c.Ask(uint32(2*n+1), s.Request(t)); err != nil {
			t.Fatal(err)
		}
		synctest.Wait() // the server has it, in this order
	}
	for {
		_, text, err := c.Read()
		transcript += text
		if err != nil {
			return transcript, err
		}
	}
}

func TestGoAwaySparesTheStreamsBelow(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := framedSite(t, nil, fakeprovider.Healthy{TTFT: 10 * time.Second}, fault.HTTP2GoAway{
			Stream: "refused", Code: "ENHANCE_YOUR_CALM",
		})
		transcript, err := framesOf(t, s, 3)
		for _, want := range []string{
			"< GOAWAY last stream 1 ENHANCE_YOUR_CALM\n", "< HEADERS stream 1\n", "data: [DONE]",
			"< DATA stream 1, 0 bytes END_STREAM\n",
		} {
			if !strings.Contains(transcript, want) {
				t.Errorf("no %q in\n%s", want, transcript)
			}
		}
		for _, never := range []string{"stream 3", "stream 5"} {
			if strings.Contains(strings.ReplaceAll(transcript, "last stream", ""), never) {
				t.Errorf("%s was served:\n%s", never, transcript)
			}
		}
		if !errors.Is(err, io.EOF) {
			t.Errorf("the connection ends with %v, want EOF", err)
		}
		if strings.Index(transcript, "GOAWAY") > strings.Index(transcript, "< HEADERS stream 1") {
			t.Errorf("GOAWAY came after what it spares:\n%s", transcript)
		}
	})
}

func TestRSTStreamSparesTheOthers(t *testing.T) {
	t.Parallel()
	for _, code := range fakeprovider.HTTP2Codes() {
		synctest.Test(t, func(t *testing.T) {
			s := framedSite(t, nil, fakeprovider.Healthy{TTFT: 10 * time.Second}, fault.HTTP2ResetStream{
				Code: code, BeforeHeaders: true,
			})
			transcript, _ := framesOf(t, s, 2)
			if want := "< RST_STREAM stream 3 " + code + "\n"; !strings.Contains(transcript, want) ||
				strings.Contains(transcript, "HEADERS stream 3") {
				t.Errorf("want %q and no headers in\n%s", want, transcript)
			}
			if !strings.Contains(transcript, "< DATA stream 1, 0 bytes END_STREAM\n") {
				t.Errorf("stream 1 is not whole:\n%s", transcript)
			}
		})
	}
}

// TestWhatWasRefusedIsSentAgain checks that net/http repeats a request that the server says it
// has not begun.
func TestWhatWasRefusedIsSentAgain(t *testing.T) {
	t.Parallel()
	for _, fault := range []fakeprovider.Fault{
		fault.HTTP2GoAway{Stream: "refused"},
		fault.HTTP2ResetStream{Code: "REFUSED_STREAM", BeforeHeaders: true},
	} {
		synctest.Test(t, func(t *testing.T) {
			s := framedSite(t, nil, fault, fakeprovider.Healthy{})
			client, closeIdle := s.Client()
			defer closeIdle()
			resp, body, err := rig.Exchange(t, client, s.Request(t))
			if err != nil || resp.StatusCode != http.StatusOK || !strings.Contains(body, "[DONE]") {
				t.Errorf("%+v: %v, %q", fault, err, body)
			}
			if got := len(rig.Texts(s.Recorder().Events(), timeline.RequestReceived)); got != 2 {
				t.Errorf("%+v: %d requests, want 2", fault, got)
			}
		})
	}
}

func TestAConnectionThatGoesAwayFinishesItsStream(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := framedSite(t, nil, fault.HTTP2GoAway{Stream: "finished"})
		transcript, err := framesOf(t, s, 1)
		goAway, done := strings.Index(transcript, "< GOAWAY last stream 1 NO_ERROR\n"),
			strings.Index(transcript, "[DONE]")
		if goAway < 0 || done < goAway || !strings.HasSuffix(transcript, "END_STREAM\n") || !errors.Is(err, io.EOF) {
			t.Errorf("%v after\n%s", err, transcript)
		}
	})
}

// TestHTTP2IsRetiredBeforeAFaultOfTheConnection checks that the response before an entry that
// acts before HTTP closes the connection, because that entry needs a new one.
func TestHTTP2IsRetiredBeforeAFaultOfTheConnection(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := framedSite(t, nil, fakeprovider.Healthy{}, fault.HTTP2SettingsStall{})
		transcript, err := framesOf(t, s, 1)
		if !strings.Contains(transcript, "< GOAWAY last stream 1 NO_ERROR\n") ||
			!strings.Contains(transcript, "[DONE]") || !errors.Is(err, io.EOF) {
			t.Errorf("%v after\n%s", err, transcript)
		}
		if got := s.Observe(t); got.End != "read: nothing more" ||
			strings.Contains(string(got.BytesRead()), "SETTINGS") {
			t.Errorf("the next connection: %s", got.Text(true))
		}
	})
}

// TestHTTP2CarriesMuch sends requests and answers that are larger than all windows, on many
// streams at once.
func TestHTTP2CarriesMuch(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		const size, streams = 300 << 10, 8
		answer := strings.Repeat("long", size/4) // one token
		var mu sync.Mutex
		var received []int
		s := framedSite(t, func(o *fakeprovider.Options) {
			o.Watch = func(v fakeprovider.Visit) func(timeline.Kind) {
				mu.Lock()
				defer mu.Unlock()
				received = append(received, v.BodyBytes)
				return nil
			}
		}, fakeprovider.Healthy{Text: answer})
		client, closeIdle := s.Client()
		defer closeIdle()
		var wg sync.WaitGroup
		for range streams {
			wg.Go(func() {
				body := fmt.Sprintf(`{"model":"m","messages":[{"role":"user","content":%q}]}`,
					strings.Repeat("x", size))
				r, err := http.NewRequestWithContext(t.Context(), http.MethodPost,
					"https://"+s.Address+"/v1/chat/completions", strings.NewReader(body))
				if err != nil {
					t.Error(err)
					return
				}
				r.Header.Set("Authorization", "Bearer sk-secret")
				resp, err := client.Do(r)
				if err != nil {
					t.Error(err)
					return
				}
				defer func() { _ = resp.Body.Close() }()
				got, err := io.ReadAll(resp.Body)
				if err != nil || resp.ProtoMajor != 2 || !strings.Contains(string(got), answer) {
					t.Errorf("%v: %d bytes over %s", err, len(got), resp.Proto)
				}
			})
		}
		wg.Wait()
		mu.Lock()
		defer mu.Unlock()
		for _, n := range received {
			if n < size {
				t.Errorf("a request of %d bytes, want more than %d", n, size)
			}
		}
		if len(received) != streams {
			t.Errorf("%d requests, want %d", len(received), streams)
		}
	})
}

// TestHTTP2KeepsToTheWindow checks that a full window stops the answer, and that neither its
// client nor a provider that closes waits for ever.
func TestHTTP2KeepsToTheWindow(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := framedSite(t, nil, fakeprovider.Healthy{Text: strings.Repeat("long", 100<<10)})
		conn, doing, err := s.DialFrames(t.Context())
		if err != nil {
			t.Fatalf("%s: %v", doing, err)
		}
		defer func() { _ = conn.Close() }()
		c, err := rig.NewFramesClient(conn)
		if err != nil {
			t.Fatal(err)
		}
		if err := c.Ask(1, s.Request(t)); err != nil {
			t.Fatal(err)
		}
		got := 0
		for {
			frame, err := c.Framer.ReadFrame()
			if err != nil {
				break // the client's deadline
			}
			if f, ok := frame.(*http2.DataFrame); ok {
				got += len(f.Data())
			}
		}
		if got != 65535 {
			t.Errorf("%d bytes of body, want as many as the window has", got)
		}
		s.Close() // returns although the stream waits
	})
}

// TestHTTP2ClientsCanReset checks that a client's RST_STREAM ends the exchange but not the
// connection.
func TestHTTP2ClientsCanReset(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := framedSite(t, nil, fault.NoResponse{}, fakeprovider.Healthy{})
		client, closeIdle := s.Client()
		defer closeIdle()
		ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
		defer cancel()
		_, _, err := rig.Exchange(t, client, s.Request(t).WithContext(ctx))
		if !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("got %v", err)
		}
		synctest.Wait()
		events := s.Recorder().Events()
		name := timeline.ProviderLane("primary", 1, 1)
		if kinds := rig.Lane(events, name); kinds[len(kinds)-1] != timeline.ClientDisconnected ||
			rig.LastAt(events, name) != 5*time.Second {
			t.Errorf("%v at %s, want client-disconnected at 5s", kinds, rig.LastAt(events, name))
		}
		if _, body, err := rig.Exchange(t, client, s.Request(t)); err != nil || !strings.Contains(body, "[DONE]") {
			t.Errorf("the next stream: %v, %q", err, body)
		}
	})
}
