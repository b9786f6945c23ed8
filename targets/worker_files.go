package targets

import (
	"embed"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
)

// workerFolder is the variable that tells a worker the folder of the helper files.
const workerFolder = "CHAOSRUN_WORKER_DIR"

// helpers has the files that make a worker of a few lines.
//
//go:embed worker/chaosrun_worker.py worker/chaosrun_worker.mjs worker/worker.go worker/serve.go
var helpers embed.FS

// The helper files: scripts find theirs by a path, Go programs have theirs compiled in.
const (
	scriptHelper = "worker/*.[pm]*"
	goHelper     = "worker/*.go"
)

// eachHelper calls f for each helper file that matches a pattern, until f fails.
func eachHelper(pattern string, f func(name string, data []byte) error) error {
	files, err := fs.Glob(helpers, pattern)
	for _, file := range files {
		data, reading := fs.ReadFile(helpers, file)
		if err = reading; err == nil {
			err = f(path.Base(file), data)
		}
		if err != nil {
			break
		}
	}
	return err
}

// workerFiles writes the helper files of scripts beside the folders of the engines, and returns their folder.
func workerFiles() (string, error) {
	dir := filepath.Join(filepath.Dir(filepath.Dir(homeOf("x"))), "worker")
	if err := os.MkdirAll(dir, 0o750); err != nil {
		return "", fmt.Errorf("the files for workers: %w", err)
	}
	err := eachHelper(scriptHelper, func(name string, data []byte) error { return replace(filepath.Join(dir, name), data) })
	if err != nil {
		return "", fmt.Errorf("the files for workers: %w", err)
	}
	return dir, nil
}
