package targets

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/chaosrun/chaosrun/scenarios"
)

// Every folder with a target file ships, under its own name, with a title.
func TestEveryFolderShips(t *testing.T) {
	files, err := filepath.Glob("*/target.yaml")
	if err != nil || len(files) == 0 {
		t.Fatal("no folders", err)
	}
	var folders []string
	for _, f := range files {
		folders = append(folders, filepath.Dir(f))
	}
	if got := Shipped().Names(); !slices.Equal(got, folders) {
		t.Errorf("the folders are %v, those of //go:embed in shipped.go are %v", folders, got)
	}
	all, err := Shipped().All(scenarios.Shipped())
	if err != nil {
		t.Fatal(err)
	}
	for i, target := range all {
		if target.Name != folders[i] || target.Title == "" {
			t.Errorf("%s has the name %q and the title %q", folders[i], target.Name, target.Title)
		}
		if _, err := os.Stat(filepath.Join(folders[i], "README.md")); err != nil {
			t.Error(err)
		}
	}
}

// A shipped target is used from the install folder, where a file that was changed is written again.
func TestFind(t *testing.T) {
	home := t.TempDir()
	t.Setenv(HomeVariable, home)
	words := scenarios.Shipped()
	for range 2 {
		target, err := Shipped().Find(words, "running-gateway")
		if err != nil {
			t.Fatal(err)
		}
		if want := filepath.Join(home, "targets", "running-gateway"); target.Home() != want ||
			target.Dir != filepath.Join(want, "src") {
			t.Errorf("got %s in %s", target.Home(), target.Dir)
		}
		if err := os.WriteFile(target.File, []byte("target: other"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	_, err := Shipped().Find(words, "running-gatewya")
	if unknown, ok := errors.AsType[*UnknownError](err); !ok ||
		!strings.Contains(unknown.Error(), `did you mean "running-gateway"?`) {
		t.Errorf("got %v", err)
	}
}
