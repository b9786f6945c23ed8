package targets

import (
	"cmp"
	"context"
	"embed"
	"fmt"
	"hash"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"runtime"
	"strings"
)

// goHelper holds package worker, with which a worker takes a few lines. It is copied into each
// program.
//
//go:embed worker/worker.go worker/serve.go
var goHelper embed.FS

// eachGoHelper calls f for each file of package worker, until f fails.
func eachGoHelper(f func(name string, data []byte) error) error {
	files, err := fs.Glob(goHelper, "worker/*.go")
	for _, file := range files {
		data, reading := fs.ReadFile(goHelper, file)
		if err = reading; err == nil {
			err = f(path.Base(file), data)
		}
		if err != nil {
			break
		}
	}
	return err
}

// stampGoHelper adds package worker to the hash that identifies a program.
func stampGoHelper(to hash.Hash) error {
	return eachGoHelper(func(_ string, data []byte) error {
		_, err := to.Write(data)
		return err
	})
}

// golang builds a Go program in a copy of its folder, in which go.mod.txt becomes go.mod. It copies
// package worker into it, so that the program can import it as MODULE/worker.
func (in installer) golang(ctx context.Context) error {
	if in.target.Packages.Go == "" {
		return nil
	}
	build := filepath.Join(in.home, "build")
	err := os.RemoveAll(build)
	err = cmp.Or(err, os.MkdirAll(filepath.Join(build, "worker"), 0o750),
		os.MkdirAll(filepath.Join(in.home, "bin"), 0o750))
	if err == nil {
		err = eachGoHelper(func(name string, data []byte) error {
			return replace(filepath.Join(build, "worker", name), data)
		})
	}
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
	// Name the files: the go command then ignores their build constraints.
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
