package main

import (
	"bytes"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// What cannot be served is found before a port is opened: an empty token, from the flag or the
// environment, and a timeline that cannot be written. A file that is there is left as it is.
func TestServeFindsMistakesAtTheStart(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	there, file := filepath.Join(dir, "there.json"), filepath.Join(dir, "file")
	for _, name := range []string{there, file} {
		if err := os.WriteFile(name, []byte("kept"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for _, row := range []struct {
		env  string
		args []string
		said string
	}{
		{"", []string{"--admin-token="}, "--admin-token (or CHAOSRUN_ADMIN_TOKEN) is empty"},
		{"", []string{"--admin-token=two words"}, "may have letters, digits and -._~+/= only"},
		{"CHAOSRUN_ADMIN_TOKEN=", nil, "is empty"},
		{"", []string{"--timeline", filepath.Join(dir, "nowhere", "t.json")}, "--timeline: open "},
		{"", []string{"--timeline", dir}, "it is a directory"},
		{"", []string{"--timeline", filepath.Join(file, "t.json")}, "--timeline: open "},
		{"", []string{"--timeline", there, "--admin-token="}, "is empty"},
	} {
		var stdout, stderr bytes.Buffer
		cmd := exec.Command("chaosrun", append([]string{"serve", "healthy"}, row.args...)...)
		cmd.Env, cmd.Stdout, cmd.Stderr = os.Environ(), &stdout, &stderr
		if row.env != "" {
			cmd.Env = append(cmd.Env, row.env)
		}
		began := time.Now()
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		late := time.AfterFunc(10*time.Second, func() { _ = cmd.Process.Kill() })
		_ = cmd.Wait() // its exit code is looked at
		late.Stop()
		if got := cmd.ProcessState.ExitCode(); got != 64 || !strings.Contains(stderr.String(), row.said) ||
			stdout.Len() > 0 {
			t.Errorf("%s %q: exit code %d after %s, %q, printed %q, want 64 and %q", row.env, row.args, got,
				time.Since(began), stderr.String(), stdout.String(), row.said)
		}
	}
	if data, err := os.ReadFile(there); err != nil || string(data) != "kept" {
		t.Errorf("the file that was there holds %q, %v", data, err)
	}
	entries, err := os.ReadDir(dir)
	if err != nil || len(entries) != 2 {
		t.Errorf("left behind: %v, %v", entries, err)
	}
}

// TestServeIsInterruptedUnderLoad interrupts it while some twenty clients ask without a pause: it
// drains, writes the timeline and exits with 0 within its time, and a second interrupt ends it with
// 130.
func TestServeIsInterruptedUnderLoad(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]int{"once": 0, "twice": 130} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			file := filepath.Join(t.TempDir(), "timeline.json")
			s := start(t, "primary=healthy,itl=20ms", "--timeline", file, "--drain",
				map[int]string{0: "2s", 130: "1h"}[want])
			client := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 20}}
			var load sync.WaitGroup
			var answered atomic.Int64
			stop := make(chan struct{})
			for i := range 20 {
				load.Go(func() {
					for {
						select {
						case <-stop:
							return
						default:
							s.load(client, map[bool]string{true: "m@silence", false: "m"}[i == 0 && want == 130],
								&answered)
						}
					}
				})
			}
			for began := time.Now(); answered.Load() < 50 && time.Since(began) < 30*time.Second; {
				time.Sleep(10 * time.Millisecond)
			}
			began := time.Now()
			s.interrupt(t)
			if want == 130 {
				if err := s.cmd.Process.Signal(os.Interrupt); err != nil {
					t.Fatal(err)
				}
			}
			if got := s.exit(t); got != want {
				t.Errorf("the exit code is %d, want %d", got, want)
			}
			if took := time.Since(began); took > 10*time.Second {
				t.Errorf("it took %s to end", took)
			}
			close(stop)
			client.CloseIdleConnections()
			load.Wait()
			if tl := readTimeline(t, file); len(tl.Events) < 100 {
				t.Errorf("the timeline holds %d events", len(tl.Events))
			}
		})
	}
}

// load asks once, and counts whole answers.
func (s *served) load(client *http.Client, model string, answered *atomic.Int64) {
	body := `{"model":"` + model + `","stream":true,"messages":[{"role":"user","content":"say hello"}]}`
	req, err := http.NewRequest(http.MethodPost, s.env["OPENAI_BASE_URL"]+"/chat/completions", strings.NewReader(body))
	if err != nil {
		return
	}
	req.Header.Set("Authorization", "Bearer "+s.env["OPENAI_API_KEY"])
	resp, err := client.Do(req)
	if err != nil {
		time.Sleep(10 * time.Millisecond) // it is gone, or draining
		return
	}
	defer resp.Body.Close()
	if text, err := io.ReadAll(resp.Body); err == nil && bytes.Contains(text, []byte("[DONE]")) {
		answered.Add(1)
	}
}
