package main

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"encoding/json"
	"errors"
	"io"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// untarred returns the modes and the texts of the files in a folder, the only one of a compressed
// archive, by name.
func untarred(t *testing.T, folder string, data []byte) (modes map[string]int64, texts map[string]string) {
	t.Helper()
	unzipped, err := gzip.NewReader(bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	modes, texts = map[string]int64{}, map[string]string{}
	for r := tar.NewReader(unzipped); ; {
		header, err := r.Next()
		if errors.Is(err, io.EOF) {
			return modes, texts
		}
		if err != nil {
			t.Fatal(err)
		}
		text, err := io.ReadAll(r)
		if err != nil {
			t.Fatal(err)
		}
		name, ok := strings.CutPrefix(header.Name, folder+"/")
		if _, twice := texts[name]; twice || !ok {
			t.Errorf("%s is there twice, or not in the folder %s", header.Name, folder)
		}
		modes[name], texts[name] = header.Mode, string(text)
	}
}

// A manifest is what npm reads of a package.json.
type manifest struct {
	Name     string            `json:"name"`
	Version  string            `json:"version"`
	License  string            `json:"license"`
	OS       []string          `json:"os"`
	CPU      []string          `json:"cpu"`
	Bin      map[string]string `json:"bin"`
	Optional map[string]string `json:"optionalDependencies"`
	Needs    map[string]string `json:"dependencies"`
	Scripts  map[string]string `json:"scripts"`
	Exports  map[string]any    `json:"exports"`
}

func readManifest(t *testing.T, texts map[string]string) manifest {
	t.Helper()
	var m manifest
	if err := json.Unmarshal([]byte(texts["package.json"]), &m); err != nil {
		t.Fatal(err)
	}
	if m.Version != "1.2.3" || m.License != "Apache-2.0" || !strings.Contains(texts["LICENSE"], "Apache License") {
		t.Errorf("version %q, license %q", m.Version, m.License)
	}
	return m
}

// A platform's package holds the binary, which may be executed, and is installed there only.
func TestNpmPlatform(t *testing.T) {
	for _, p := range allPlatforms() {
		t.Run(p.String(), func(t *testing.T) {
			binary, err := fake().binary(t.Context(), p)
			if err != nil {
				t.Fatal(err)
			}
			packed, err := fake().npmPlatform(p, binary)
			if err != nil {
				t.Fatal(err)
			}
			if want := "chaosrun-" + p.npmOS + "-" + p.npmCPU + "-1.2.3.tgz"; packed.name != want {
				t.Errorf("the package is %s, not %s", packed.name, want)
			}
			modes, texts := untarred(t, "package", packed.data)
			m := readManifest(t, texts)
			want := manifest{
				Name: "@chaosrun/" + p.npmOS + "-" + p.npmCPU, Version: "1.2.3", License: "Apache-2.0",
				OS: []string{p.npmOS}, CPU: []string{p.npmCPU},
			}
			if diff := cmp.Diff(want, m); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
			inBin := "bin/" + p.binary()
			if want := "chaosrun 1.2.3 for " + p.String(); texts[inBin] != want || modes[inBin] != 0o755 {
				t.Errorf("%s holds %q with mode %o", inBin, texts[inBin], modes[inBin])
			}
			if len(texts) != 4 {
				t.Errorf("it holds %d files", len(texts))
			}
		})
	}
}

// The package names the binaries as optional, needs nothing else, runs no script, and holds each
// file that it names or imports.
func TestNpm(t *testing.T) {
	packed, err := fake().npm(programs(allPlatforms()))
	if err != nil {
		t.Fatal(err)
	}
	if len(packed) != 1 || packed[0].name != "chaosrun-1.2.3.tgz" {
		t.Fatalf("packed %v", packed)
	}
	modes, texts := untarred(t, "package", packed[0].data)
	m := readManifest(t, texts)
	optional := map[string]string{}
	for _, p := range allPlatforms() {
		optional["@chaosrun/"+p.npmOS+"-"+p.npmCPU] = "1.2.3"
	}
	if diff := cmp.Diff(optional, m.Optional); diff != "" {
		t.Errorf("optional packages (-want +got)\n%s", diff)
	}
	if m.Name != "chaosrun" || len(m.Needs)+len(m.Scripts)+len(m.OS) != 0 {
		t.Errorf("the package is %+v", m)
	}
	for _, file := range append(named(m.Exports), m.Bin["chaosrun"]) {
		if _, ok := texts[path.Clean(file)]; !ok {
			t.Errorf("package.json names %s, which is not packed", file)
		}
	}
	imports := regexp.MustCompile(`(?:from |import\(|require\()"(\.[^"]+)"`)
	for name, text := range texts {
		if executable := modes[name] == 0o755; executable != strings.HasPrefix(name, "bin/") {
			t.Errorf("%s has mode %o", name, modes[name])
		}
		for _, found := range imports.FindAllStringSubmatch(text, -1) {
			if _, ok := texts[path.Join(path.Dir(name), found[1])]; !ok {
				t.Errorf("%s imports %s, which is not packed", name, found[1])
			}
		}
		if strings.HasPrefix(name, "tests/") || strings.HasPrefix(name, "examples/") {
			t.Errorf("%s is packed", name)
		}
	}
	if !strings.HasPrefix(texts["bin/chaosrun.js"], "#!/usr/bin/env node\n") {
		t.Error("the launcher is no program")
	}
}

// named returns the files that exports name.
func named(exports map[string]any) []string {
	var files []string
	for _, value := range exports {
		switch value := value.(type) {
		case string:
			files = append(files, value)
		case map[string]any:
			files = append(files, named(value)...)
		}
	}
	return files
}

// Equal sources make equal bytes, whatever their times and line ends are.
func TestNpmIsDeterministic(t *testing.T) {
	root := t.TempDir()
	if err := os.CopyFS(filepath.Join(root, "packages", "node"), os.DirFS("node")); err != nil {
		t.Fatal(err)
	}
	license, err := os.ReadFile("../LICENSE")
	if err != nil {
		t.Fatal(err)
	}
	index, err := os.ReadFile("node/index.js")
	if err != nil {
		t.Fatal(err)
	}
	windows := strings.ReplaceAll(string(index), "\n", "\r\n")
	for name, text := range map[string]string{"LICENSE": string(license), "packages/node/index.js": windows} {
		if err := os.WriteFile(filepath.Join(root, filepath.FromSlash(name)), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	here, copied := fake(), fake()
	copied.root = root
	first, err := here.npm(programs(allPlatforms()))
	if err != nil {
		t.Fatal(err)
	}
	second, err := copied.npm(programs(allPlatforms()))
	if err != nil {
		t.Fatal(err)
	}
	if !slices.EqualFunc(first, second, func(a, b file) bool {
		return a.name == b.name && bytes.Equal(a.data, b.data)
	}) {
		_, a := untarred(t, "package", first[0].data)
		_, b := untarred(t, "package", second[0].data)
		t.Errorf("the packages differ (-here +copy)\n%s", cmp.Diff(a, b))
	}
}
