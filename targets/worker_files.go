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

// helpers holds the files with which a worker takes a few lines.
//
//go:embed worker/chaosrun_worker.py worker/chaosrun_worker.mjs worker/ChaosrunWorker.java
var helpers embed.FS

// workerFiles writes the helper files beside the folders of the engines, and returns their folder.
func workerFiles() (string, error) {
	dir := filepath.Join(filepath.Dir(filepath.Dir(homeOf("x"))), "worker")
	if err := os.MkdirAll(dir, 0o750); err != nil {
		return "", fmt.Errorf("the files for workers: %w", err)
	}
	files, err := fs.Glob(helpers, "worker/*")
	for _, file := range files {
		data, reading := fs.ReadFile(helpers, file)
		if err = reading; err == nil {
			err = replace(filepath.Join(dir, path.Base(file)), data)
		}
		if err != nil {
			break
		}
	}
	if err != nil {
		return "", fmt.Errorf("the files for workers: %w", err)
	}
	return dir, nil
}
