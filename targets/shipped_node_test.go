package targets

import (
	"encoding/json"
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/chaosrun/chaosrun/harness"
	"github.com/chaosrun/chaosrun/scenarios"
)

// pair are two providers, as configurations of engines name them.
func pair() []harness.Upstream {
	return []harness.Upstream{
		{
			Name: "primary", Protocol: "openai-chat", URL: "http://127.0.0.1:1", BaseURL: "http://127.0.0.1:1/v1",
			Key: "sk-one", Model: "m-one",
		},
		{
			Name: "secondary", Protocol: "openai-chat", URL: "http://127.0.0.1:2", BaseURL: "http://127.0.0.1:2/v1",
			Key: "sk-two", Model: "m-two",
		},
	}
}

func shippedTarget(t *testing.T, name string) *Target {
	t.Helper()
	target, err := Load(scenarios.Shipped(), filepath.Join(name, targetFile), readShipped(t, name, targetFile))
	if err != nil {
		t.Fatal(err)
	}
	return target
}

// Engines are compared as they come and with equal patience, so each that is started has both rows.
func TestEveryEngineHasBothVariants(t *testing.T) {
	for _, name := range Shipped().Names() {
		target := shippedTarget(t, name)
		if target.Start == nil && target.Kind == Gateway {
			continue // it runs already, with settings that chaosrun does not know
		}
		for _, variant := range []string{"defaults", "tuned"} {
			if _, ok := target.Overrides[variant]; !ok {
				t.Errorf("%s has no variant %s", name, variant)
			}
		}
		if len(target.Limits) > 0 {
			t.Errorf("%s has limits, and those of the scenarios are to judge every engine alike", name)
		}
	}
}

// A lock of npm has the versions that the target file installs and overrides, and a checksum each.
func TestTheLocksOfNpmHaveTheVersions(t *testing.T) {
	files, err := filepath.Glob("*/package-lock.json")
	if err != nil || len(files) == 0 {
		t.Fatal("no locks", err)
	}
	for _, file := range files {
		name := filepath.Dir(file)
		target := shippedTarget(t, name)
		if target.Packages.Lock != "package-lock.json" {
			t.Errorf("%s does not use its lock", name)
		}
		var lock struct {
			Packages map[string]struct {
				Version   string `json:"version"`
				Integrity string `json:"integrity"`
				Resolved  string `json:"resolved"`
			} `json:"packages"`
		}
		if err := json.Unmarshal(readShipped(t, name, "package-lock.json"), &lock); err != nil {
			t.Errorf("%s: %v", file, err)
		}
		want := map[string]string{}
		for _, p := range target.Packages.Npm {
			at := strings.LastIndex(p, "@")
			want[p[:at]] = p[at+1:]
		}
		maps.Copy(want, target.Packages.Overrides)
		for p, version := range want {
			if got := lock.Packages["node_modules/"+p].Version; got != version {
				t.Errorf("%s has %s %q, and the target file %q", file, p, got, version)
			}
		}
		for p, entry := range lock.Packages {
			if p != "" && (entry.Integrity == "" || entry.Resolved != "") {
				t.Errorf("%s: %s has the checksum %q and the address %q, want one and none", file, p, entry.Integrity,
					entry.Resolved)
			}
		}
	}
}

// The header that configures Portkey is one line of JSON, with the providers in order.
func TestPortkeysHeaderIsJSON(t *testing.T) {
	target := shippedTarget(t, "portkey")
	settings := map[string]string{"request_timeout_ms": "10000", "retries": "1"}
	text, err := target.values(settings, pair()).expandEnv(target.Call.Headers["x-portkey-config"])
	if err != nil {
		t.Fatal(err)
	}
	var config struct {
		Targets []struct {
			Host    string `json:"custom_host"`
			Timeout int    `json:"request_timeout"`
		} `json:"targets"`
	}
	if err := json.Unmarshal([]byte(text), &config); err != nil || strings.Contains(text, "\n") {
		t.Fatalf("%v: %s", err, text)
	}
	if len(config.Targets) != 2 || config.Targets[1].Host != "http://127.0.0.1:2/v1" ||
		config.Targets[0].Timeout != 10000 {
		t.Errorf("got %+v", config.Targets)
	}
}

// The configuration of claude-code-router is JSON, and its fallback is not the first provider.
func TestTheRoutersConfigurationIsJSON(t *testing.T) {
	target := shippedTarget(t, "claude-code-router")
	v := target.values(map[string]string{"api_timeout_ms": "10000"}, pair())
	v.port = "4000"
	text, err := v.expand(string(readShipped(t, "claude-code-router", "config.json")))
	if err != nil {
		t.Fatal(err)
	}
	var config struct {
		Router struct {
			Default string `json:"default"`
		} `json:"Router"`
		Fallback struct {
			Default []string `json:"default"`
		} `json:"fallback"`
		Providers []struct {
			URL string `json:"api_base_url"`
		} `json:"Providers"`
	}
	if err := json.Unmarshal([]byte(text), &config); err != nil {
		t.Fatalf("%v: %s", err, text)
	}
	if config.Router.Default != "primary,m-one" || len(config.Providers) != 2 ||
		config.Providers[1].URL != "http://127.0.0.1:2/v1/chat/completions" {
		t.Errorf("got %+v", config)
	}
	if list := config.Fallback.Default; !slices.Equal(list, []string{"secondary,m-two"}) {
		t.Errorf("the fallback is %v", config.Fallback.Default)
	}
}
