package main

import (
	"bytes"
	"flag"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// whole enables a test that installs a release like a user. It compiles three SDKs, which takes a
// minute or two.
var whole = flag.Bool("release", false, "make a release, and install it from a module proxy of its own")

const version = "v0.99.0"

// copied returns a copy of the repository, for a release to write into.
func copied(t *testing.T) string {
	t.Helper()
	root := t.TempDir()
	cmd := exec.CommandContext(t.Context(), "git", "ls-files", "-z", "--cached", "--others", "--exclude-standard")
	cmd.Dir = filepath.Join("..", "..")
	names, err := cmd.Output()
	if err != nil {
		t.Skipf("not in a checkout: %v", err)
	}
	for name := range strings.SplitSeq(strings.TrimRight(string(names), "\x00"), "\x00") {
		data, err := os.ReadFile(filepath.Join("..", "..", filepath.FromSlash(name)))
		if os.IsNotExist(err) {
			continue // deleted, and not committed yet
		}
		if err != nil {
			t.Fatal(err)
		}
		to := filepath.Join(root, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(to), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(to, data, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return root
}

// TestModulesAgree checks that every go.mod and go.work has the same version, and that published
// modules have no replace directive.
func TestModulesAgree(t *testing.T) {
	r, err := modulesOf(filepath.Join("..", ".."))
	if err != nil {
		t.Fatal(err)
	}
	var dirs []string
	for _, m := range r.modules {
		dirs = append(dirs, m.dir)
	}
	diff := cmp.Diff([]string{".", "failover", "fakeprovider/sdktest", "cmd/chaosrun", "scenarios/suite"}, dirs)
	if diff != "" {
		t.Errorf("modules, each after those that it requires (-want +got):\n%s", diff)
	}
}

// TestModulesThatDisagree checks that TestModulesAgree detects differences.
func TestModulesThatDisagree(t *testing.T) {
	for _, test := range []struct{ name, file, from, to, says string }{
		{"another version", "failover/go.mod", prefix + " v0.", prefix + " v0.9", "v0.9"},
		{
			"a replace directive", "failover/go.mod", "\ngo 1", "\nreplace " + prefix + " => ../\n\ngo 1",
			"replace directive",
		},
		{"go.work at another version", "go.work", prefix + " v0.", prefix + " v0.9", "v0.9"},
	} {
		t.Run(test.name, func(t *testing.T) {
			root := t.TempDir()
			for _, name := range []string{
				"go.work", "go.mod", "failover/go.mod", "cmd/chaosrun/go.mod", "scenarios/suite/go.mod",
				"fakeprovider/sdktest/go.mod", "internal/release/go.mod", "packages/go.mod",
				"reports/interop/go.mod",
			} {
				data, err := os.ReadFile(filepath.Join("..", "..", name))
				if err != nil {
					t.Fatal(err)
				}
				if name == test.file {
					changed := strings.Replace(string(data), test.from, test.to, 1)
					if changed == string(data) {
						t.Fatalf("%s has no %q", name, test.from)
					}
					data = []byte(changed)
				}
				to := filepath.Join(root, name)
				if err := os.MkdirAll(filepath.Dir(to), 0o755); err != nil {
					t.Fatal(err)
				}
				if err := os.WriteFile(to, data, 0o644); err != nil {
					t.Fatal(err)
				}
			}
			if _, err := modulesOf(root); err == nil || !strings.Contains(err.Error(), test.says) {
				t.Errorf("got %v, want %q", err, test.says)
			}
		})
	}
}

// TestVersions checks that an invalid version is rejected before anything is written.
func TestVersions(t *testing.T) {
	for _, bad := range []string{"0.3.0", "v1", "v0.3", "latest"} {
		err := run(t.Context(), []string{"-root", filepath.Join("..", ".."), bad}, &bytes.Buffer{})
		if err == nil || !strings.Contains(err.Error(), "is not a version") {
			t.Errorf("%s: got %v", bad, err)
		}
	}
}

// TestRelease makes a release of a copy and publishes it in a local proxy. Then it acts as a user:
// an engine keeps its SDK versions, and the command is installed by its path.
func TestRelease(t *testing.T) {
	if !*whole {
		t.Skip("it compiles three SDKs at versions of their own, which takes minutes; go test ./internal/release " +
			"-release, as .ci/run does")
	}
	root, proxy, cache, bin := copied(t), t.TempDir(), t.TempDir(), t.TempDir()
	t.Cleanup(func() { _ = removeCache(cache) })
	if err := run(t.Context(), []string{"-root", root, version}, &bytes.Buffer{}); err != nil {
		t.Fatal(err)
	}
	if err := run(t.Context(), []string{"-root", root, "-proxy", proxy}, &bytes.Buffer{}); err != nil {
		t.Fatal(err)
	}
	env, err := environment(t.Context(), proxy, cache)
	if err != nil {
		t.Fatal(err)
	}
	t.Run("an engine keeps its SDKs", func(t *testing.T) {
		user := t.TempDir()
		for _, name := range []string{"go.mod", "engine_test.go"} {
			data, err := os.ReadFile(filepath.Join("testdata", "user", name))
			if err != nil {
				t.Fatal(err)
			}
			data = bytes.Replace(data, []byte("chaosrun v0.0.0"), []byte("chaosrun "+version), 1)
			if err := os.WriteFile(filepath.Join(user, name), data, 0o644); err != nil {
				t.Fatal(err)
			}
		}
		before := required(t, user)
		if err := command(t.Context(), user, env, "go", "mod", "tidy"); err != nil {
			t.Fatal(err)
		}
		if err := command(t.Context(), user, env, "go", "test", "-count=1", "."); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(before, required(t, user)); diff != "" {
			t.Errorf("what it requires by itself has changed (-before +after):\n%s", diff)
		}
		for path, version := range before {
			cmd := exec.CommandContext(t.Context(), "go", "list", "-m", "-f", "{{.Version}}", path)
			cmd.Dir, cmd.Env = user, env
			if out, err := cmd.Output(); err != nil || strings.TrimSpace(string(out)) != version {
				t.Errorf("%s is built at %s, want %s (%v)", path, out, version, err)
			}
		}
	})
	t.Run("the command is installed by its path", func(t *testing.T) {
		env := append(env, "GOBIN="+bin)
		if err := command(t.Context(), bin, env, "go", "install", prefix+"/cmd/chaosrun@"+version); err != nil {
			t.Fatal(err)
		}
		out, err := exec.CommandContext(t.Context(), filepath.Join(bin, "chaosrun"), "version").Output()
		if err != nil || !strings.HasPrefix(string(out), "chaosrun "+version+"\n") {
			t.Errorf("got %q, %v", out, err)
		}
	})
}

// required returns the direct requirements of a go.mod.
func required(t *testing.T, dir string) map[string]string {
	t.Helper()
	f, err := readMod(dir)
	if err != nil {
		t.Fatal(err)
	}
	all := map[string]string{}
	for _, r := range f.Require {
		if !r.Indirect {
			all[r.Mod.Path] = r.Mod.Version
		}
	}
	return all
}
