package targets

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/chaosrun/chaosrun/scenarios"
)

// The file for a gateway in a container is valid, and agrees with the docker-compose example beside
// it.
func TestRunningContainer(t *testing.T) {
	file := filepath.Join("running-gateway", "container.yaml")
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	target, err := Load(scenarios.Shipped(), file, data)
	if err != nil {
		t.Fatal(err)
	}
	compose, err := os.ReadFile(filepath.Join("running-gateway", "docker-compose.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	if len(target.Upstreams) != 2 {
		t.Fatalf("got %d upstreams", len(target.Upstreams))
	}
	for _, u := range target.Upstreams {
		if want := ": " + u.Advertise + "/v1\n"; !strings.Contains(string(compose), want) {
			t.Errorf("docker-compose.yaml does not name the provider %s", u.Advertise)
		}
	}
	if !strings.Contains(string(compose), "host.docker.internal:host-gateway") {
		t.Error("docker-compose.yaml does not make host.docker.internal known on Linux")
	}
}
