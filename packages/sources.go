package main

import (
	"io/fs"
	"os"
	"slices"
	"strings"
)

// sources returns the files below a folder of the repository, with names relative to it, sorted.
// Hidden files and what Python and Node leave there stay out.
func sources(dir string) ([]file, error) {
	var files []file
	folder := os.DirFS(dir)
	err := fs.WalkDir(folder, ".", func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		name := entry.Name()
		left := strings.HasPrefix(name, ".") || name == "__pycache__" || name == "node_modules" ||
			strings.HasSuffix(name, ".pyc")
		switch {
		case left && entry.IsDir() && path != ".":
			return fs.SkipDir
		case entry.IsDir(), left:
			return nil
		}
		data, err := fs.ReadFile(folder, path)
		if err != nil {
			return err
		}
		files = append(files, file{name: path, data: withoutCR(data)})
		return nil
	})
	slices.SortFunc(files, func(a, b file) int { return strings.Compare(a.name, b.name) })
	return files, err
}

// withoutCR returns a text with the line ends of Unix, so that a checkout on Windows makes the same
// package.
func withoutCR(text []byte) []byte { return []byte(strings.ReplaceAll(string(text), "\r\n", "\n")) }
