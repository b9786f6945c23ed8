package main

import (
	"crypto/sha256"
	"encoding/hex"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// An archive holds the command, which can be run, and what one has to read.
func TestArchive(t *testing.T) {
	for _, p := range allPlatforms() {
		f, err := fake().archive(p, []byte("a program"))
		if err != nil {
			t.Fatal(err)
		}
		folder := "chaosrun-1.2.3-" + p.goos + "-" + p.goarch
		modes, texts := map[string]int64{}, map[string]string{}
		if strings.HasSuffix(f.name, ".zip") {
			entries, _ := unzipped(t, f.data)
			for _, entry := range entries {
				name, _ := strings.CutPrefix(entry.Name, folder+"/")
				modes[name], texts[name] = int64(entry.Mode().Perm()), ""
			}
		} else {
			modes, texts = untarred(t, folder, f.data)
		}
		diff := cmp.Diff(modes, map[string]int64{
			"CHANGELOG.md": 0o644, "LICENSE": 0o644, "README.md": 0o644, p.binary(): 0o755,
		})
		if diff != "" {
			t.Errorf("%s (-got +want):\n%s", f.name, diff)
		}
		if program := texts["chaosrun"]; program != "a program" && p.goos != "windows" {
			t.Errorf("%s: the program is %q", f.name, program)
		}
	}
}

// SHA256SUMS names each package of a run with what sha256sum says of it.
func TestSums(t *testing.T) {
	dir := t.TempDir()
	if err := fake().write(t.Context(), dir, allPlatforms()[:2], allKinds(), io.Discard); err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(filepath.Join(dir, sumsFile))
	if err != nil {
		t.Fatal(err)
	}
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(strings.TrimSpace(string(text)), "\n")
	if len(lines) != len(entries)-1 {
		t.Errorf("%d sums of %d packages", len(lines), len(entries)-1)
	}
	for _, line := range lines {
		sum, name, _ := strings.Cut(line, "  ")
		data, err := os.ReadFile(filepath.Join(dir, name))
		if got := sha256.Sum256(data); err != nil || hex.EncodeToString(got[:]) != sum {
			t.Errorf("%s: %v, or another sum", name, err)
		}
	}
}
