package targets

import (
	"bytes"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// A shipped folder is used alone, so the two workers of LiteLLM's Router have a copy each of what
// builds it. The guarded row means something only if they are the same.
func TestTheGuardedRouterIsTheRouter(t *testing.T) {
	for _, name := range []string{"router.py", "requirements.txt"} {
		plain, guarded := readShipped(t, "litellm-router", name), readShipped(t, "litellm-router-guarded", name)
		if !bytes.Equal(plain, guarded) {
			t.Errorf("litellm-router/%[1]s and litellm-router-guarded/%[1]s differ", name)
		}
	}
}

// The rows of hermes-agent are compared with each other, so they differ in the release alone.
func TestTheReleasesOfHermesAreSetUpAlike(t *testing.T) {
	words := regexp.MustCompile(`(?s)^.*\nkind: `) // the name, the title and the reason
	var first string
	for _, release := range []string{"0.13", "0.18", "0.19"} {
		text := string(readShipped(t, "hermes-agent-"+release, targetFile))
		if !strings.Contains(text, `["hermes-agent==`+release+`.0"]`) {
			t.Errorf("hermes-agent-%s does not install that release", release)
		}
		text = strings.ReplaceAll(words.ReplaceAllString(text, ""), release+".0", "RELEASE")
		if first == "" {
			first = text
		}
		if text != first {
			t.Errorf("hermes-agent-%s is set up in another way than hermes-agent-0.13:\n%s\nrather than\n%s", release,
				text, first)
		}
	}
}

// A lock has the exact versions that the target file installs.
func TestTheLocksOfPythonHaveTheVersions(t *testing.T) {
	files, err := filepath.Glob("*/requirements.txt")
	if err != nil || len(files) == 0 {
		t.Fatal("no locks", err)
	}
	exact := regexp.MustCompile(`^[A-Za-z0-9._-]+==[A-Za-z0-9.+!]+$`)
	extras := regexp.MustCompile(`\[[a-z,]+\]`)
	for _, file := range files {
		lock := string(readShipped(t, filepath.Dir(file), "requirements.txt"))
		for line := range strings.Lines(lock) {
			if !exact.MatchString(strings.TrimSpace(line)) {
				t.Errorf("%s: %q is not an exact version", file, line)
			}
		}
		packages := shippedTarget(t, filepath.Dir(file)).Packages.Pip
		if len(packages) == 0 {
			t.Errorf("%s is a lock of nothing", file)
		}
		for _, p := range packages {
			if !strings.Contains("\n"+lock, "\n"+extras.ReplaceAllString(p, "")+"\n") {
				t.Errorf("%s does not have %s, which the target file installs", file, p)
			}
		}
	}
}

// A lock of Maven has the artifacts that the target file installs, with a checksum each.
func TestTheLocksOfMavenHaveTheVersions(t *testing.T) {
	files, err := filepath.Glob("*/jars.sha256")
	if err != nil || len(files) == 0 {
		t.Fatal("no locks", err)
	}
	exact := regexp.MustCompile(`^[0-9a-f]{64}  [A-Za-z0-9._-]+\.jar$`)
	for _, file := range files {
		lock := string(readShipped(t, filepath.Dir(file), filepath.Base(file)))
		for line := range strings.Lines(lock) {
			if !exact.MatchString(strings.TrimSpace(line)) {
				t.Errorf("%s: %q is no checksum of a jar", file, line)
			}
		}
		packages := shippedTarget(t, filepath.Dir(file)).Packages
		if packages.Lock != filepath.Base(file) || len(packages.Maven) == 0 {
			t.Errorf("%s is the lock of nothing", file)
		}
		for _, artifact := range packages.Maven {
			part := strings.Split(artifact, ":")
			if !strings.Contains(lock, "  "+part[1]+"-"+part[2]+".jar\n") {
				t.Errorf("%s does not have %s, which the target file installs", file, artifact)
			}
		}
	}
}

func readShipped(t *testing.T, folder, name string) []byte {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(folder, name))
	if err != nil {
		t.Fatal(err)
	}
	return data
}
