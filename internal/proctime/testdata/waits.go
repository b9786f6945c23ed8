// The waits of Go programs, 660 s by their own clock. Each prints a line of JSON. It is built
// without cgo, so it is a static program.
package main

import (
	"context"
	"encoding/json"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"strconv"
	"sync"
	"time"
)

const minute = time.Minute

// wait makes one wait and prints what came of it.
func wait(name string, do func() string) {
	began := time.Now()
	said := do()
	took := time.Since(began)
	_ = json.NewEncoder(os.Stdout).Encode(map[string]any{"name": name, "took": took, "said": said})
}

func failed(err error) string { return strconv.FormatBool(err != nil) }

func main() {
	silent := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		<-r.Context().Done()
	}))
	get := func(client *http.Client) string {
		response, err := client.Get(silent.URL)
		if err == nil {
			_ = response.Body.Close()
		}
		return failed(err)
	}
	wait("Sleep", func() string { time.Sleep(minute); return "" })
	wait("Ticker", func() string {
		ticker := time.NewTicker(minute / 2)
		defer ticker.Stop()
		<-ticker.C
		<-ticker.C
		return ""
	})
	wait("WithTimeout", func() string {
		ctx, cancel := context.WithTimeout(context.Background(), minute)
		defer cancel()
		<-ctx.Done()
		return ctx.Err().Error()
	})
	wait("Client.Timeout", func() string { return get(&http.Client{Timeout: minute}) })
	wait("ResponseHeaderTimeout", func() string {
		return get(&http.Client{Transport: &http.Transport{ResponseHeaderTimeout: 5 * minute}})
	})
	wait("SetReadDeadline", func() string {
		c, err := net.Dial("tcp", silent.Listener.Addr().String())
		if err != nil {
			return err.Error()
		}
		defer c.Close() //nolint:errcheck // nothing was written
		_ = c.SetReadDeadline(time.Now().Add(minute))
		_, err = c.Read(make([]byte, 1))
		return failed(err)
	})
	wait("1000 sleepers", func() string {
		var all sync.WaitGroup
		for range 1000 {
			all.Go(func() { time.Sleep(minute) })
		}
		all.Wait()
		return ""
	})
}
