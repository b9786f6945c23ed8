package targets

import (
	"cmp"
	"os"
	"path/filepath"
)

// HomeVariable is the environment variable with the folder that engines are installed into.
const HomeVariable = "CHAOSRUN_HOME"

// Home returns the folder that the engine is installed into: targets/NAME in $CHAOSRUN_HOME.
// Default: in the folder chaosrun of the user's caches.
func (t *Target) Home() string { return homeOf(cmp.Or(t.home, t.Name)) }

func homeOf(name string) string {
	root := os.Getenv(HomeVariable)
	if root == "" {
		caches, err := os.UserCacheDir()
		if err != nil {
			caches = os.TempDir()
		}
		root = filepath.Join(caches, "chaosrun")
	}
	if abs, err := filepath.Abs(root); err == nil {
		root = abs
	}
	return filepath.Join(root, "targets", name)
}
