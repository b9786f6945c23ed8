package targets

import (
	"bufio"
	"bytes"
	"context"
	"crypto/sha256"
	_ "embed"
	"encoding/hex"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

const (
	// jarFolder is the folder of a [Target.Home] with the jars.
	jarFolder = "lib"
	// jarSums is the file of a [Target.Home] with the checksums of the artifacts, as sha256sum
	// writes them. A target file names a copy of it as its lock.
	jarSums = "jars.sha256"
	// copyJars is the goal that copies artifacts, with an exact version of its plugin.
	copyJars = "org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy-dependencies"
)

// javaHelper is the class with which a worker in Java takes a few lines. It is compiled with each
// worker.
//
//go:embed worker/ChaosrunWorker.java
var javaHelper []byte

// javaFiles returns the Java sources, relative to the target file.
func (t *Target) javaFiles() ([]string, error) {
	return t.sources("install.java", t.Packages.Java,
		func(name string) bool { return strings.HasSuffix(name, ".java") })
}

// maven puts artifacts and their dependencies into the folder of the jars.
func (in installer) maven(ctx context.Context) error {
	if len(in.target.Packages.Maven) == 0 && in.target.Packages.Java == "" {
		return nil
	}
	lib := filepath.Join(in.home, jarFolder)
	err := os.RemoveAll(lib)
	if err == nil {
		err = os.Mkdir(lib, 0o750)
	}
	if err != nil {
		return fmt.Errorf("install: %w", err)
	}
	if len(in.target.Packages.Maven) == 0 {
		return nil
	}
	if err := replace(filepath.Join(in.home, "pom.xml"), in.target.pom()); err != nil {
		return fmt.Errorf("install: %w", err)
	}
	err = in.run(ctx, in.home, nil, "mvn", "--batch-mode", "--quiet", "-Dstyle.color=never", copyJars,
		"-DoutputDirectory="+jarFolder, "-DincludeScope=runtime")
	if err != nil {
		return err
	}
	return in.checkJars(lib)
}

// pom returns a project that depends on the artifacts. Their names need no escaping in XML.
func (t *Target) pom() []byte {
	var b bytes.Buffer
	b.WriteString("<project xmlns=\"http://maven.apache.org/POM/4.0.0\">\n  <modelVersion>4.0.0</modelVersion>\n")
	fmt.Fprintf(&b, "  <groupId>chaosrun</groupId>\n  <artifactId>%s</artifactId>\n  <version>1</version>\n"+
		"  <packaging>pom</packaging>\n", t.Name)
	b.WriteString("  <dependencies>\n")
	for _, artifact := range t.Packages.Maven {
		part := strings.Split(artifact, ":")
		fmt.Fprintf(&b,
			"    <dependency><groupId>%s</groupId><artifactId>%s</artifactId><version>%s</version></dependency>\n",
			part[0], part[1], part[2])
	}
	b.WriteString("  </dependencies>\n</project>\n")
	return b.Bytes()
}

// checkJars writes the checksums of the jars, and compares them with the lock, if there is one.
func (in installer) checkJars(lib string) error {
	jars, err := filepath.Glob(filepath.Join(lib, "*.jar"))
	if err != nil {
		return fmt.Errorf("install: %w", err)
	}
	have := map[string]string{}
	var sums bytes.Buffer
	for _, jar := range jars { // Glob sorts them
		data, err := os.ReadFile(jar)
		if err != nil {
			return fmt.Errorf("install: %w", err)
		}
		sum := sha256.Sum256(data)
		name := filepath.Base(jar)
		have[name] = hex.EncodeToString(sum[:])
		fmt.Fprintf(&sums, "%s  %s\n", have[name], name)
	}
	if err := replace(filepath.Join(in.home, jarSums), sums.Bytes()); err != nil {
		return fmt.Errorf("install: %w", err)
	}
	lock := in.lock(".sha256")
	if lock == "" {
		return nil
	}
	text, err := os.ReadFile(lock)
	if err != nil {
		return fmt.Errorf("install: %w", err)
	}
	if wrong := differentJars(text, have); len(wrong) > 0 {
		return fmt.Errorf("install: the jars differ from those in %s: %s", in.target.Packages.Lock,
			strings.Join(wrong, ", "))
	}
	return nil
}

// differentJars says how jars differ from those of a lock: lines of a checksum and a name.
func differentJars(lock []byte, have map[string]string) (wrong []string) {
	want := map[string]string{}
	for s := bufio.NewScanner(bytes.NewReader(lock)); s.Scan(); {
		if words := strings.Fields(s.Text()); len(words) == 2 {
			want[strings.TrimPrefix(words[1], "*")] = words[0]
		}
	}
	for _, name := range slices.Sorted(maps.Keys(want)) {
		switch sum, ok := have[name]; {
		case !ok:
			wrong = append(wrong, name+" is missing")
		case !strings.EqualFold(sum, want[name]):
			wrong = append(wrong, name+" has the checksum "+sum)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(have)) {
		if want[name] == "" {
			wrong = append(wrong, name+" is not in it")
		}
	}
	return wrong
}

// java compiles Java sources, and the helper for workers with them, into a jar beside the
// artifacts.
func (in installer) java(ctx context.Context) error {
	if in.target.Packages.Java == "" {
		return nil
	}
	sources, err := in.target.javaFiles()
	if err != nil {
		return err
	}
	classes, helper := filepath.Join(in.home, "classes"), filepath.Join(in.home, "ChaosrunWorker.java")
	err = os.RemoveAll(classes)
	if err == nil {
		err = replace(helper, javaHelper)
	}
	if err != nil {
		return fmt.Errorf("install: %w", err)
	}
	command := []string{"javac", "-encoding", "UTF-8", "-cp", filepath.Join(jarFolder, "*"), "-d", classes, helper}
	for _, file := range sources {
		command = append(command, filepath.Join(in.target.Dir, file))
	}
	if err := in.run(ctx, in.home, nil, command...); err != nil {
		return err
	}
	return in.run(ctx, in.home, nil, "jar", "--create", "--file", filepath.Join(jarFolder, "worker.jar"), "-C", classes,
		".")
}

// mavenVersion finds lib/ARTIFACT-VERSION.jar below a folder.
func mavenVersion(home, name string) string {
	_, artifact, _ := strings.Cut(name, ":")
	found, err := filepath.Glob(filepath.Join(home, jarFolder, artifact+"-*.jar"))
	if err != nil {
		return ""
	}
	for _, jar := range found {
		version := strings.TrimSuffix(strings.TrimPrefix(filepath.Base(jar), artifact+"-"), ".jar")
		if version[0] >= '0' && version[0] <= '9' { // not an artifact with a longer name
			return version
		}
	}
	return ""
}
