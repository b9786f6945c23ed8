package readfile_test

import (
	"fmt"
	"os"
	"path/filepath"

	"github.com/chaosrun/chaosrun/internal/readfile"
)

// Whole refuses a file that is too large, and a path that is not a file.
func ExampleWhole() {
	dir, err := os.MkdirTemp("", "readfile")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer func() { _ = os.RemoveAll(dir) }()
	file := filepath.Join(dir, "policy.yaml")
	if err := os.WriteFile(file, []byte("policy: mine\n"), 0o600); err != nil {
		fmt.Println(err)
		return
	}
	data, err := readfile.Whole(file, 1<<20)
	fmt.Printf("%q %v\n", data, err)
	_, err = readfile.Whole(dir, 1<<20)
	fmt.Println(err != nil)
	// Output:
	// "policy: mine\n" <nil>
	// true
}
