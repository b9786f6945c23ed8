package targets

import (
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/chaosrun/chaosrun/scenarios"
)

var update = flag.Bool("update", false, "rewrite the goldens and the schema")

// loadFile reads a target file of this package.
func loadFile(t *testing.T, file string) *Target {
	t.Helper()
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	target, err := Load(scenarios.Shipped(), file, data)
	if err != nil {
		t.Fatalf("%s:\n%v", file, err)
	}
	return target
}

func TestLoad(t *testing.T) {
	proxy := loadFile(t, "testdata/good/litellm-proxy.yaml")
	if got, want := proxy.Settings, map[string]string{"request_timeout": "30s", "retries": "2"}; !cmp.Equal(got, want) {
		t.Error(cmp.Diff(want, got))
	}
	got, want := proxy.Limits, map[string]time.Duration{"call": time.Minute, "time_to_fallback": 35 * time.Second}
	if !cmp.Equal(got, want) {
		t.Error(cmp.Diff(want, got))
	}
	if len(proxy.Overrides) != 2 || proxy.Overrides["tuned"]["stream_timeout"] != "10s" ||
		proxy.Start.Ready.Within != time.Minute {
		t.Errorf("got %+v", proxy)
	}
	if !proxy.uses.loop || proxy.uses.highest != 1 || proxy.Start.Files["config.yaml"].From != "./litellm.yaml" {
		t.Errorf("got %+v", proxy.uses)
	}
	router := loadFile(t, "testdata/good/litellm-router.yaml")
	if router.Kind != Worker || !cmp.Equal(router.Protocols, []string{DefaultProtocol}) || router.Dir == "" {
		t.Errorf("got %+v", router)
	}
	ours := loadFile(t, "testdata/good/our-gateway.yaml")
	if len(ours.Upstreams) != 2 || ours.BetweenRuns.Wait != 6*time.Second ||
		!cmp.Equal(ours.uses.env, []string{"GATEWAY_KEY"}) {
		t.Errorf("got %+v", ours)
	}
}

// The advice of a name wins over that of a glob.
func TestAdvice(t *testing.T) {
	target := parseTarget(t, "target: x\nkind: worker\nstart: {command: [w]}\n"+
		"advice: {'heartbeat-only*': all, 'heartbeat-only-s*': glob, heartbeat-only: one}\n")
	got := target.adviceByScenario()
	for name, want := range map[string]string{
		"heartbeat-only": "one", "heartbeat-only-small": "glob", "heartbeat-only-medium": "all", "healthy": "",
	} {
		if got[name] != want {
			t.Errorf("%s: got %q, want %q", name, got[name], want)
		}
	}
}

// The hash of a target is that of its file and of the files that it names, in any folder.
func TestSHA256(t *testing.T) {
	read := func(worker string) folder {
		return folder{read: func(string) ([]byte, error) { return []byte(worker), nil }}
	}
	sum := func(text, worker string) string {
		target, err := load(scenarios.Shipped(), "x.yaml", []byte(text), read(worker))
		if err != nil {
			t.Fatal(err)
		}
		return target.SHA256
	}
	const text = "target: x\nkind: worker\nstart: {command: [python, ./worker.py]}\n"
	if one, two := sum(text, "a"), sum(text, "a"); one != two || len(one) != 64 {
		t.Errorf("got %s and %s", one, two)
	}
	if sum(text, "a") == sum(text, "b") || sum(text, "a") == sum(text+"title: y\n", "a") {
		t.Error("another file has the same hash")
	}
}

// TestProblems loads files that are wrong, and compares what is said about each with a golden file
// beside it. -update rewrites the goldens.
func TestProblems(t *testing.T) {
	files, err := filepath.Glob("testdata/bad/*.yaml")
	if err != nil || len(files) < 10 {
		t.Fatalf("got %d files, %v", len(files), err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".yaml"), func(t *testing.T) {
			data, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			_, problems := Load(scenarios.Shipped(), file, data)
			if problems == nil {
				t.Fatal("nothing is wrong with it")
			}
			golden := strings.TrimSuffix(file, ".yaml") + ".golden"
			got := strings.ReplaceAll(problems.Error(), `\`, "/") + "\n"
			if *update {
				if err := os.WriteFile(golden, []byte(got), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(golden)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(string(want), got); diff != "" {
				t.Errorf("-golden +got:\n%s", diff)
			}
		})
	}
}
