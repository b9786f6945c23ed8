package bubble_test

import (
	"context"
	"net"
	"os"
	"os/exec"
	"os/signal"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/chaosrun/chaosrun/internal/bubble"
)

// firsts are ordinary things of which the first in a process makes channels for all.
func firsts() map[string]func() {
	return map[string]func(){
		"signal.Notify": func() {
			c := make(chan os.Signal, 1)
			signal.Notify(c, os.Interrupt)
			signal.Stop(c)
		},
		"a name lookup": func() {
			// of which no server is asked
			_, _ = (&net.Resolver{PreferGo: true}).LookupHost(context.Background(), "a-test.onion")
		},
	}
}

// TestFirstInABubble: the first use of a package in a bubble would end the process at its next use,
// which it does in a bubble that Run did not make. Each happens in a process of its own.
func TestFirstInABubble(t *testing.T) {
	if first := firsts()[os.Getenv("CHAOSRUN_TEST_FIRST")]; first != nil {
		if os.Getenv("CHAOSRUN_TEST_BARE") != "" {
			synctest.Test(t, func(*testing.T) { first() })
		} else if err := bubble.Run(first, bubble.Options{}); err != nil {
			t.Fatal(err)
		}
		first()
		return
	}
	t.Parallel()
	for name := range firsts() {
		for _, bare := range []string{"", "yes"} {
			ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second) // the runtime may hang in place of dying
			child := exec.CommandContext(ctx, os.Args[0], "-test.run", "^TestFirstInABubble$")
			child.Env = append(os.Environ(), "CHAOSRUN_TEST_FIRST="+name, "CHAOSRUN_TEST_BARE="+bare)
			said, err := child.CombinedOutput()
			hung := ctx.Err() != nil
			cancel()
			died := hung || strings.Contains(string(said), "synctest channel from outside bubble") ||
				strings.Contains(string(said), "deadlock: all goroutines in bubble")
			if died != (bare != "") || (err == nil) != (bare == "") {
				t.Errorf("%s, without Run %q: %v\n%s", name, bare, err, said)
			}
		}
	}
}

// TestResolver: in virtual time package net asks no name server, and elsewhere it does as ever.
func TestResolver(t *testing.T) {
	var inside, outside error
	server, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer server.Close()
	ask := func() error {
		c, err := net.DefaultResolver.Dial(t.Context(), "udp", server.LocalAddr().String())
		if err == nil {
			err = c.Close()
		}
		return err
	}
	t.Context().Done()
	if err := bubble.Run(func() { inside = ask() }, bubble.Options{}); err != nil {
		t.Fatal(err)
	}
	outside = ask()
	if inside == nil || !strings.Contains(inside.Error(), "nothing leaves the process") || outside != nil {
		t.Errorf("in virtual time: %v, elsewhere: %v", inside, outside)
	}
}
