package targets

import (
	"cmp"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
)

// golang builds a Go program. Its folder is copied, because it is part of this module without its
// own go.mod, which is go.mod.txt here.
func (in installer) golang(ctx context.Context) error {
	if in.target.Packages.Go == "" {
		return nil
	}
	build := filepath.Join(in.home, "build")
	err := os.RemoveAll(build)
	err = cmp.Or(err, os.MkdirAll(build, 0o750), os.MkdirAll(filepath.Join(in.home, "bin"), 0o750))
	if err != nil {
		return fmt.Errorf("install: %w", err)
	}
	files, err := in.target.goFiles()
	if err != nil {
		return err
	}
	program := filepath.Join(in.home, "bin", in.target.Name)
	if runtime.GOOS == "windows" {
		program += ".exe"
	}
	// Files that are named are built whatever their build constraints say.
	command := []string{"go", "build", "-o", program}
	for _, file := range files {
		name := filepath.Base(file)
		data, err := os.ReadFile(filepath.Join(in.target.Dir, file))
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
