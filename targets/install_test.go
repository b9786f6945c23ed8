package targets

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
)

// tools are the names under which this test binary is a tool that installs.
func tools() []string { return []string{"python3", "python", "npm", "go", "mvn", "javac", "jar"} }

// playTool is a tool that notes how it was called, and makes what it is asked for.
func playTool(args []string) int {
	name := filepath.Base(args[0])
	dir, _ := os.Getwd()
	f, err := os.OpenFile(os.Getenv("TOOL_LOG"), os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		return 1
	}
	defer f.Close()
	fmt.Fprintf(f, "%s: %s %s\n", filepath.Base(dir), name, strings.Join(args[1:], " "))
	if name == "go" {
		fmt.Fprintf(f, "GOWORK=%s\n", os.Getenv("GOWORK"))
	}
	if name == "mvn" && (os.WriteFile("lib/one-1.0.jar", []byte("one"), 0o600) != nil ||
		os.WriteFile("lib/one-more-2.0.jar", []byte("more"), 0o600) != nil) {
		return 1
	}
	for i, arg := range args {
		if arg != "venv" {
			continue
		}
		self, _ := os.Executable()
		if os.MkdirAll(filepath.Join(args[i+1], "bin"), 0o755) != nil ||
			os.Symlink(self, filepath.Join(args[i+1], "bin", "python")) != nil {
			return 1
		}
	}
	if text, ok := registry(args[1:]); ok {
		fmt.Println(text)
	}
	if os.Getenv("TOOL_FAILS") == name {
		fmt.Println("looking for packages")
		fmt.Fprintln(os.Stderr, "ERROR: no such package")
		return 1
	}
	return 0
}

// toolbox lets the tools be this test binary. called returns the calls since the last time.
func toolbox(t *testing.T) (home string, called func() string) {
	t.Helper()
	if runtime.GOOS == "windows" {
		t.Skip("the tools of the test are links, which need privileges there")
	}
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	for _, name := range tools() {
		if err := os.Symlink(self, filepath.Join(dir, name)); err != nil {
			t.Fatal(err)
		}
	}
	home = t.TempDir()
	log := filepath.Join(dir, "log")
	t.Setenv(HomeVariable, home)
	t.Setenv("PATH", dir)
	t.Setenv("TOOL_LOG", log)
	return home, func() string {
		data, err := os.ReadFile(log)
		if err != nil && !errors.Is(err, os.ErrNotExist) {
			t.Fatal(err)
		}
		_ = os.Remove(log)
		return strings.ReplaceAll(string(data), home, "HOME")
	}
}

// installable returns a target in a folder with these files.
func installable(t *testing.T, install string, files map[string]string) *Target {
	t.Helper()
	dir := t.TempDir()
	files["w.py"] = ""
	files["target.yaml"] = "target: x\nkind: worker\ninstall: " + install + "\nstart: {command: [python, ./w.py]}\n"
	for name, text := range files {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return parseTargetFile(t, filepath.Join(dir, "target.yaml"))
}

const (
	// mvn is the call that copies artifacts.
	mvn = "mvn --batch-mode --quiet -Dstyle.color=never " +
		"org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy-dependencies -DoutputDirectory=lib " +
		"-DincludeScope=runtime\n"
	// jarSumsOfOne are the checksums of what mvn copies here, as sha256sum prints them.
	jarSumsOfOne = "7692c3ad3540bb803c020b3aee66cd8887123234ea0c6e7143c0add73ff431ed  one-1.0.jar\n" +
		"187897ce0afcf20b50ba2b37dca84a951b7046f29ed5ab94f010619f69d6e189  one-more-2.0.jar\n"
)

func TestInstall(t *testing.T) {
	for _, tt := range []struct {
		name, install string
		files         map[string]string
		want          string
	}{
		{"pip", `{pip: ["litellm[proxy]==1.2.3"]}`, map[string]string{}, "x: python3 -m venv HOME/targets/x/venv\n" +
			"x: python -m pip install --disable-pip-version-check --no-input litellm[proxy]==1.2.3\n"},
		{
			"pip with a lock", `{pip: ["a==1.2"], lock: requirements.txt}`,
			map[string]string{"requirements.txt": "a==1.2\n"},
			"x: python3 -m venv HOME/targets/x/venv\n" +
				"x: python -m pip install --disable-pip-version-check --no-input --no-deps -r HERE/requirements.txt\n",
		},
		{
			"npm", `{npm: ["@a/b@1.2.3"], overrides: {hono: 4.9.7}}`,
			map[string]string{},
			"x: npm install --no-audit --no-fund\n",
		},
		{
			"npm with a lock", `{npm: ["@a/b@1.2.3"], lock: package-lock.json}`,
			map[string]string{"package-lock.json": "{}"},
			"x: npm ci --no-audit --no-fund\n",
		},
		{
			"go", `{go: ./engine}`,
			map[string]string{
				"engine/main.go": "package main", "engine/main_test.go": "package main",
				"engine/go.mod.txt": "module m", "engine/go.sum.txt": "",
			},
			"build: go build -o HOME/targets/x/bin/x main.go\nGOWORK=off\n",
		},
		{"maven", `{maven: ["org.one:one:1.0"]}`, map[string]string{}, "x: " + mvn},
		{
			"maven with a lock and sources", `{maven: ["org.one:one:1.0"], java: ., lock: jars.sha256}`,
			map[string]string{"jars.sha256": jarSumsOfOne, "W.java": "class W {}", "V.java": ""},
			"x: " + mvn + "x: javac -encoding UTF-8 -cp lib/* -d HOME/targets/x/classes " +
				"HOME/targets/x/ChaosrunWorker.java HERE/V.java HERE/W.java\n" +
				"x: jar --create --file lib/worker.jar -C HOME/targets/x/classes .\n",
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			home, called := toolbox(t)
			target := installable(t, tt.install, tt.files)
			if err := target.installed(); err == nil ||
				!strings.HasPrefix(err.Error(), "not installed: run `chaosrun install "+target.File) {
				t.Errorf("before: got %v", err)
			}
			var log bytes.Buffer
			if err := target.Install(t.Context(), &log); err != nil {
				t.Fatalf("%v\n%s", err, log.String())
			}
			if got := strings.ReplaceAll(called(), target.Dir, "HERE"); got != tt.want {
				t.Errorf("got\n%swant\n%s", got, tt.want)
			}
			if err := errors.Join(target.installed(), target.outdated()); err != nil {
				t.Errorf("after: got %v", err)
			}
			if err := target.Install(t.Context(), &log); err != nil || called() != "" {
				t.Errorf("it was installed again, %v", err)
			}
			target.Packages.Overrides = map[string]string{"other": "1.0.0"}
			if err := target.outdated(); err == nil ||
				!strings.HasPrefix(err.Error(), "the installed versions are not those") {
				t.Errorf("with other packages: got %v", err)
			}
			checkInstalled(t, tt.name, filepath.Join(home, "targets", "x"))
		})
	}
}

// helper returns a file of package worker.
func helper(t *testing.T, name string) string {
	t.Helper()
	data, err := os.ReadFile(filepath.Join("worker", name))
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

// checkInstalled checks the files that tools are given.
func checkInstalled(t *testing.T, name, home string) {
	t.Helper()
	want := map[string]map[string]string{
		"npm": {"package.json": `{
  "name": "x",
  "private": true,
  "dependencies": {
    "@a/b": "1.2.3"
  },
  "overrides": {
    "hono": "4.9.7"
  }
}
`},
		"npm with a lock": {"package-lock.json": "{}"},
		"go": {
			"build/go.mod": "module m", "build/main.go": "package main", "build/worker/serve.go": helper(t, "serve.go"),
			"build/worker/worker.go": helper(t, "worker.go"),
		},
		"maven": {"jars.sha256": jarSumsOfOne, "pom.xml": `<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <groupId>chaosrun</groupId>
  <artifactId>x</artifactId>
  <version>1</version>
  <packaging>pom</packaging>
  <dependencies>
    <dependency><groupId>org.one</groupId><artifactId>one</artifactId><version>1.0</version></dependency>
  </dependencies>
</project>
`},
	}[name]
	for file, text := range want {
		if data, err := os.ReadFile(filepath.Join(home, file)); err != nil || string(data) != text {
			t.Errorf("%s: got %q, %v", file, data, err)
		}
	}
}

// What fails is named with its last lines, and begun again the next time.
func TestInstallFails(t *testing.T) {
	_, called := toolbox(t)
	target := installable(t, `{npm: ["a@1.2.3"]}`, map[string]string{})
	t.Setenv("TOOL_FAILS", "npm")
	var log bytes.Buffer
	err := target.Install(t.Context(), &log)
	const want = "npm install --no-audit --no-fund: exit code 1; the last lines of its output:\n"
	if err == nil || !strings.HasPrefix(err.Error(), want) ||
		!strings.HasSuffix(err.Error(), "ERROR: no such package") ||
		!strings.Contains(log.String(), "looking for packages") {
		t.Errorf("got %v and %q", err, log.String())
	}
	if target.installed() == nil {
		t.Error("it is installed")
	}
	t.Setenv("TOOL_FAILS", "")
	called()
	if err := target.Install(t.Context(), &log); err != nil || called() == "" {
		t.Errorf("the second time: %v", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	target.Packages.Npm = []string{"b@1.2.3"}
	if err := target.Install(ctx, &log); err == nil ||
		err.Error() != "interrupted in: npm install --no-audit --no-fund" {
		t.Errorf("interrupted: %v", err)
	}
	t.Setenv("PATH", t.TempDir())
	if err := target.Install(t.Context(), &log); err == nil ||
		err.Error() != "command not found: npm: it is needed to install x" {
		t.Errorf("without npm: %v", err)
	}
}

// Jars that are not those of the lock are no installation: one that is missing, another one, and
// one more.
func TestJarsDifferFromTheLock(t *testing.T) {
	toolbox(t)
	lock := strings.Replace(jarSumsOfOne, "7692", "ffff", 1)
	lock = strings.Replace(lock, "one-more-2.0", "one-more-2.1", 1)
	target := installable(t, `{maven: ["org.one:one:1.0"], lock: jars.sha256}`, map[string]string{"jars.sha256": lock})
	err := target.Install(t.Context(), &bytes.Buffer{})
	want := "install: the jars differ from those in jars.sha256: one-1.0.jar has the checksum " + jarSumsOfOne[:64] +
		", one-more-2.1.jar is missing, one-more-2.0.jar is not in it"
	if err == nil || err.Error() != want {
		t.Errorf("got %v, want %s", err, want)
	}
	if target.installed() == nil {
		t.Error("it is installed")
	}
}

// Sources that change are compiled again.
func TestJavaSourcesChange(t *testing.T) {
	_, called := toolbox(t)
	target := installable(t, `{java: ./src}`, map[string]string{"src/W.java": "class W {}"})
	if err := target.Install(t.Context(), &bytes.Buffer{}); err != nil || !strings.Contains(called(), "javac") {
		t.Fatalf("it was not compiled: %v", err)
	}
	err := os.WriteFile(filepath.Join(target.Dir, "src", "W.java"), []byte("class W { int x; }"), 0o600)
	if err != nil {
		t.Fatal(err)
	}
	if err := target.installed(); err == nil ||
		!strings.HasPrefix(err.Error(), "the installed versions are not those") {
		t.Errorf("got %v", err)
	}
}

// A target that installs nothing is installed.
func TestNothingToInstall(t *testing.T) {
	t.Setenv(HomeVariable, t.TempDir())
	target := scriptWorker(t, "worker", "")
	if err := errors.Join(target.installed(), target.Install(t.Context(), os.Stderr)); err != nil {
		t.Error(err)
	}
}
