package main

import (
	"archive/zip"
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/csv"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// fake returns a builder of version 1.2.3 whose binaries are a line of text each.
func fake() builder {
	return builder{
		root: "..", version: "1.2.3",
		compile: func(_ context.Context, _, version string, p platform, to string) error {
			return os.WriteFile(to, []byte("chaosrun "+version+" for "+p.String()), 0o644)
		},
	}
}

// unzipped returns the entries of an archive by name, in the archive's order.
func unzipped(t *testing.T, data []byte) ([]*zip.File, map[string]string) {
	t.Helper()
	r, err := zip.NewReader(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		t.Fatal(err)
	}
	texts := map[string]string{}
	for _, f := range r.File {
		in, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		text, err := io.ReadAll(in)
		if err != nil {
			t.Fatal(err)
		}
		if _, twice := texts[f.Name]; twice {
			t.Errorf("%s is there twice", f.Name)
		}
		texts[f.Name] = string(text)
	}
	return r.File, texts
}

// A wheel holds the package, the binary and the metadata, and RECORD lists each file as it is.
func TestWheel(t *testing.T) {
	for _, p := range allPlatforms() {
		t.Run(p.String(), func(t *testing.T) {
			binary, err := fake().binary(t.Context(), p)
			if err != nil {
				t.Fatal(err)
			}
			w, err := fake().wheel(p, binary)
			if err != nil {
				t.Fatal(err)
			}
			if want := "chaosrun-1.2.3-py3-none-" + p.wheelTag + ".whl"; w.name != want {
				t.Errorf("the wheel is %s, not %s", w.name, want)
			}
			entries, texts := unzipped(t, w.data)
			inBin := "chaosrun/bin/" + p.binary()
			if want := "chaosrun 1.2.3 for " + p.String(); texts[inBin] != want {
				t.Errorf("%s holds %q, not %q", inBin, texts[inBin], want)
			}
			for _, f := range entries {
				if executable := f.Mode()&0o111 != 0; executable != (f.Name == inBin) {
					t.Errorf("%s has mode %v", f.Name, f.Mode())
				}
			}
			recorded(t, texts)
			aboutWheel(t, texts, p)
		})
	}
}

// recorded compares RECORD with the files.
func recorded(t *testing.T, texts map[string]string) {
	t.Helper()
	const name = "chaosrun-1.2.3.dist-info/RECORD"
	rows, err := csv.NewReader(strings.NewReader(texts[name])).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	want := [][]string{}
	for file, text := range texts {
		row := []string{file, "", ""}
		if file != name {
			sum := sha256.Sum256([]byte(text))
			row[1], row[2] = "sha256="+base64.RawURLEncoding.EncodeToString(sum[:]), strconv.Itoa(len(text))
		}
		want = append(want, row)
	}
	byName := func(a, b []string) int { return strings.Compare(a[0], b[0]) }
	slices.SortFunc(want, byName)
	slices.SortFunc(rows, byName)
	if diff := cmp.Diff(want, rows); diff != "" {
		t.Errorf("RECORD (-files +record)\n%s", diff)
	}
}

// aboutWheel looks at what installers and PyPI read.
func aboutWheel(t *testing.T, texts map[string]string, p platform) {
	t.Helper()
	const info = "chaosrun-1.2.3.dist-info/"
	readme, err := os.ReadFile("python/README.md")
	if err != nil {
		t.Fatal(err)
	}
	head, description, _ := strings.Cut(texts[info+"METADATA"], "\n\n")
	if description != string(readme) {
		t.Errorf("the description is not the README:\n%s", description)
	}
	for _, line := range []string{
		"Name: chaosrun", "Version: 1.2.3", "Requires-Python: >=3.9", "License-File: LICENSE",
	} {
		if !slices.Contains(strings.Split(head, "\n"), line) {
			t.Errorf("METADATA does not say %q:\n%s", line, head)
		}
	}
	var tags []string
	for line := range strings.SplitSeq(texts[info+"WHEEL"], "\n") {
		if tag, ok := strings.CutPrefix(line, "Tag: py3-none-"); ok {
			tags = append(tags, tag)
		}
	}
	if strings.Join(tags, ".") != p.wheelTag {
		t.Errorf("the tags are %q", tags)
	}
	for name, want := range map[string]string{
		info + "entry_points.txt": "[pytest11]\nchaosrun = chaosrun.plugin\n",
		info + "licenses/LICENSE": "Apache License",
		info + "WHEEL":            "Root-Is-Purelib: false\n",
		"chaosrun/py.typed":       "",
	} {
		if text, ok := texts[name]; !ok || !strings.Contains(text, want) {
			t.Errorf("%s does not say %q", name, want)
		}
	}
}

// What an entry point names is a file of the package that defines it.
func TestEntryPointsExist(t *testing.T) {
	text, err := os.ReadFile("python/entry_points.txt")
	if err != nil {
		t.Fatal(err)
	}
	found := 0
	for line := range strings.SplitSeq(string(text), "\n") {
		_, target, ok := strings.Cut(line, " = ")
		if !ok {
			continue
		}
		found++
		module, function, _ := strings.Cut(target, ":")
		source, err := os.ReadFile(filepath.Join("python",
			filepath.FromSlash(strings.ReplaceAll(module, ".", "/"))+".py"))
		if err != nil {
			t.Error(err)
		}
		if function != "" && !strings.Contains(string(source), "\ndef "+function+"(") {
			t.Errorf("%s defines no %s", module, function)
		}
	}
	if found != 2 {
		t.Errorf("found %d entry points, want the command and the plugin", found)
	}
}

// Equal sources make equal bytes, and what a checkout of Python leaves behind is not packed.
func TestWheelIsDeterministic(t *testing.T) {
	p := allPlatforms()[0]
	root := t.TempDir()
	if err := os.CopyFS(filepath.Join(root, "packages", "python"), os.DirFS("python")); err != nil {
		t.Fatal(err)
	}
	license, err := os.ReadFile("../LICENSE")
	if err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string]string{
		"LICENSE": string(license),
		"packages/python/chaosrun/__pycache__/lab.cpython-311.pyc": "left",
		"packages/python/chaosrun/.hidden":                         "left",
	} {
		path := filepath.Join(root, filepath.FromSlash(name))
		_ = os.MkdirAll(filepath.Dir(path), 0o755)
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	here := fake()
	copied := fake()
	copied.root = root
	first, err := here.wheel(p, []byte("binary"))
	if err != nil {
		t.Fatal(err)
	}
	second, err := copied.wheel(p, []byte("binary"))
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(first.data, second.data) {
		_, a := unzipped(t, first.data)
		_, b := unzipped(t, second.data)
		t.Errorf("the wheels differ (-here +copy)\n%s", cmp.Diff(a, b))
	}
}

// write makes a package of each kind for each platform, and prints their paths.
func TestWrite(t *testing.T) {
	dir := t.TempDir()
	var out bytes.Buffer
	kinds, err := kindsNamed([]string{"wheel"})
	if err != nil {
		t.Fatal(err)
	}
	if err := fake().write(t.Context(), dir, allPlatforms(), kinds, &out); err != nil {
		t.Fatal(err)
	}
	var want strings.Builder
	for _, p := range allPlatforms() {
		fmt.Fprintln(&want, filepath.Join(dir, "chaosrun-1.2.3-py3-none-"+p.wheelTag+".whl"))
	}
	fmt.Fprintln(&want, filepath.Join(dir, sumsFile))
	if diff := cmp.Diff(want.String(), out.String()); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
	for path := range strings.FieldsSeq(out.String()) {
		if _, err := os.Stat(path); err != nil {
			t.Error(err)
		}
	}
}

// A wrong flag is refused before anything is built, with what would be right.
func TestRefused(t *testing.T) {
	for args, want := range map[string]string{
		"--platform plan9/mips": "--platform plan9/mips: there is none; native or one of linux/amd64",
		"--kind egg":            "--kind egg: there is none, only archive, image, wheel",
		"--version 1.2":         `--version "1.2": three numbers, such as 0.3.0`,
		"--version 1.2.3rc1":    "three numbers",
		"wheel":                 `"wheel" is no flag`,
		"--root testdata":       "go.mod",
	} {
		err := run(t.Context(), append(strings.Fields(args), "--out", t.TempDir()), io.Discard)
		if args == "wheel" {
			err = run(t.Context(), []string{args}, io.Discard)
		}
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q", args, err, want)
		}
	}
}

// The version is that of the modules, and native is this machine.
func TestDefaults(t *testing.T) {
	version, err := moduleVersion("..")
	if err != nil {
		t.Fatal(err)
	}
	if err := checkVersion(version); err != nil {
		t.Error(err)
	}
	found, err := platformsNamed([]string{native})
	if err != nil {
		t.Skipf("no packages are built for this machine: %v", err)
	}
	if got := found[0].String(); got != runtime.GOOS+"/"+runtime.GOARCH {
		t.Errorf("native is %s", got)
	}
}
