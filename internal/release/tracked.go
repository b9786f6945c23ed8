package main

import (
	"context"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"golang.org/x/mod/module"
	"golang.org/x/mod/zip"
)

// A tracked file is known to git, or would be after the next `git add`.
type tracked struct{ dir, name string }

// Path returns the file's path in the module, with slashes.
func (f tracked) Path() string { return f.name }

// Lstat returns the file's info.
func (f tracked) Lstat() (fs.FileInfo, error) {
	return os.Lstat(filepath.Join(f.dir, filepath.FromSlash(f.name)))
}

// Open opens the file.
func (f tracked) Open() (io.ReadCloser, error) {
	return os.Open(filepath.Join(f.dir, filepath.FromSlash(f.name)))
}

// zipTracked zips the files of a module. It skips files that git ignores and files of nested
// modules.
func zipTracked(ctx context.Context, out io.Writer, v module.Version, root, dir string) error {
	cmd := exec.CommandContext(ctx, "git", "ls-files", "-z", "--cached", "--others", "--exclude-standard", "--", ".")
	cmd.Dir = dir
	names, err := cmd.Output()
	if err != nil {
		return fmt.Errorf("git ls-files in %s: %w", dir, err)
	}
	var inner []string // modules below
	var files []string
	for name := range strings.SplitSeq(strings.TrimRight(string(names), "\x00"), "\x00") {
		if _, err := os.Lstat(filepath.Join(dir, filepath.FromSlash(name))); err != nil {
			continue // deleted, and not committed yet
		}
		if below, ok := strings.CutSuffix(name, "/go.mod"); ok {
			inner = append(inner, below+"/")
		}
		files = append(files, name)
	}
	var all []zip.File
	for _, name := range files {
		if !hasPrefixOf(name, inner) {
			all = append(all, tracked{dir, name})
		}
	}
	if dir != root { // a module without a license cannot be used
		all = append(all, tracked{root, "LICENSE"})
	}
	return zip.Create(out, v, all)
}

func hasPrefixOf(name string, prefixes []string) bool {
	for _, p := range prefixes {
		if strings.HasPrefix(name, p) {
			return true
		}
	}
	return false
}
