package process

import (
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
)

// lookup returns the path of a program. It searches in the PATH of env, not in that of this
// process.
func lookup(name, dir string, env []string) (string, error) {
	if strings.ContainsRune(name, filepath.Separator) || strings.ContainsRune(name, '/') {
		path := name
		if !filepath.IsAbs(path) {
			path = filepath.Join(dir, path)
		}
		path, err := filepath.Abs(path)
		if err == nil {
			err = executable(path)
		}
		if err != nil {
			return "", fmt.Errorf("%w: %s", err, name)
		}
		return path, nil
	}
	reason := ErrNotFound
	for _, folder := range filepath.SplitList(variable(env, "PATH")) {
		if !filepath.IsAbs(folder) {
			continue // as in os/exec: the working directory decides nothing
		}
		for _, ending := range endings(env) {
			path := filepath.Join(folder, name+ending)
			if executable(path) == nil {
				return path, nil
			}
		}
	}
	return "", fmt.Errorf("%w: %s", reason, name)
}

// executable returns nil if a path is a program.
func executable(path string) error {
	info, err := os.Stat(path)
	switch {
	case err != nil:
		return ErrNotFound
	case info.IsDir():
		return errFolder
	case runtime.GOOS != "windows" && info.Mode()&0o111 == 0:
		return errNotExecutable
	}
	return nil
}

// endings returns the endings that the name of a program may have.
func endings(env []string) []string {
	if runtime.GOOS != "windows" {
		return []string{""}
	}
	return append([]string{""}, filepath.SplitList(strings.ToLower(variable(env, "PATHEXT")))...)
}

// variable returns the last value of a name in an environment.
func variable(env []string, name string) string {
	for _, entry := range slices.Backward(env) {
		if key, value, ok := strings.Cut(entry, "="); ok && key == name {
			return value
		}
	}
	return ""
}
