package main

import (
	"bufio"
	"flag"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"
)

// shipped is an image that `go run ./packages` has written.
var shipped = flag.String("image", "", "the image to look at and to run")

// TestShippedImage starts the command in an image as a container is started, but for the port.
func TestShippedImage(t *testing.T) {
	if *shipped == "" {
		t.Skip("make packages: it builds the image first")
	}
	dir := unpacked(t, read(t, *shipped))
	all := images(t, dir)
	if len(all) != 2 {
		t.Errorf("%d images", len(all))
	}
	one := all[runtime.GOOS+"/"+runtime.GOARCH]
	if one == nil {
		t.Skipf("no image for %s/%s", runtime.GOOS, runtime.GOARCH)
	}
	config, err := one.ConfigFile()
	if err != nil {
		t.Fatal(err)
	}
	_, texts := contents(t, one)
	path := filepath.Join(t.TempDir(), "chaosrun")
	if err := os.WriteFile(path, texts["chaosrun"], 0o700); err != nil {
		t.Fatal(err)
	}
	args := slices.Concat(config.Config.Entrypoint, config.Config.Cmd)
	port := freePort(t)
	for i, arg := range args {
		if arg == firstPort {
			args[i] = port
		}
	}
	cmd := exec.CommandContext(t.Context(), path, args[1:]...)
	cmd.Dir, cmd.Env = t.TempDir(), config.Config.Env
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	for lines := bufio.NewScanner(out); lines.Scan(); {
		if strings.Contains(lines.Text(), ":"+port) {
			break
		}
	}
	answers(t, "http://127.0.0.1:"+port+"/v1/models")
	if err := cmd.Process.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	_, _ = io.Copy(io.Discard, out)
	if err := cmd.Wait(); err != nil {
		t.Errorf("it ended with %v", err)
	}
}

// answers fails unless somebody speaks HTTP at a URL.
func answers(t *testing.T, url string) {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	client := http.Client{Timeout: 10 * time.Second}
	response, err := client.Do(request)
	if err != nil {
		t.Error(err)
		return
	}
	_ = response.Body.Close() // whatever it says
}

func freePort(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	_, port, err := net.SplitHostPort(l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	return port
}
