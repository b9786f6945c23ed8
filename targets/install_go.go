package targets

import (
	"cmp"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
)

// goFiles returns the names of the files of the Go program: its sources, go.mod and go.sum, the
// latter two perhaps with .txt.
func (t *Target) goFiles() (names []string, err error) {
	entries, err := os.ReadDir(filepath.Join(t.Dir, t.Packages.Go))
	if err != nil {
		return nil, fmt.Errorf("install.go: %w", err)
	}
	for _, e := range entries {
		name := e.Name()
		source := strings.HasSuffix(name, ".go") && !strings.HasSuffix(name, "_test.go")
		if !e.IsDir() && (source || slices.Contains([]string{"go.mod", "go.sum"}, strings.TrimSuffix(name, ".txt"))) {
			names = append(names, name)
		}
	}
	return names, nil
}

// golang builds a Go program. Its folder is copied, because it is part of this module without its
// own go.mod, which is go.mod.txt here. Package worker is copied into it, so that the program can
// import it as MODULE/worker.
func (in installer) golang(ctx context.Context) error {
	if in.target.Packages.Go == "" {
		return nil
	}
	build := filepath.Join(in.home, "build")
	err := os.RemoveAll(build)
	err = cmp.Or(err, os.MkdirAll(filepath.Join(build, "worker"), 0o750), os.MkdirAll(filepath.Join(in.home, "bin"), 0o750))
	if err == nil {
		err = eachHelper(goHelper, func(name string, data []byte) error { return replace(filepath.Join(build, "worker", name), data) })
	}
	if err != nil {
		return fmt.Errorf("install: %w", err)
	}
	names, err := in.target.goFiles()
	if err != nil {
		return err
	}
	program := filepath.Join(in.home, "bin", in.target.Name)
	if runtime.GOOS == "windows" {
		program += ".exe"
	}
	// Files that are named are built whatever their build constraints say.
	command := []string{"go", "build", "-o", program}
	for _, name := range names {
		data, err := os.ReadFile(filepath.Join(in.target.Dir, in.target.Packages.Go, name))
		if err == nil {
			err = replace(filepath.Join(build, strings.TrimSuffix(name, ".txt")), data)
		}
		if err != nil {
			return fmt.Errorf("install: %w", err)
		}
		if strings.HasSuffix(name, ".go") {
			command = append(command, name)
		}
	}
	return in.run(ctx, build, []string{"GOWORK=off"}, command...)
}
