package archtest_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// inPlace has the files that may write in place, with the reason. A folder stands for all in it.
func inPlace() map[string]string {
	return map[string]string{
		"internal/atomicfile":     "all others write through it",
		"internal/mutants":        "a tool for this repository, with files in a temporary folder",
		"internal/release":        "a tool for this repository, which git can undo",
		"internal/process/log.go": "a log is read while it grows",
		"fakeprovider/internal":   "goldens of tests",
		"campaign/shard_auto.go":  "an empty file that says that shards are supported",
		"targets/instance.go":     "settings of one engine, in a temporary folder",
		"targets/trust.go":        "a certificate of one engine, in a temporary folder",
	}
}

// TestWholeFiles fails if code writes a file that a user may read half-written.
func TestWholeFiles(t *testing.T) {
	root, used := filepath.Join("..", ".."), map[string]bool{}
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		name := d.Name()
		switch {
		case err != nil:
			return err
		case d.IsDir() && path != root && (name[0] == '.' || name == "testdata" || name == "node_modules"):
			return fs.SkipDir
		case d.IsDir() || filepath.Ext(path) != ".go" || strings.HasSuffix(path, "_test.go"):
			return nil
		}
		found := writesOf(t, path, nil)
		if found == nil {
			return nil
		}
		relative, err := filepath.Rel(root, path)
		relative = filepath.ToSlash(relative)
		for allowed := range inPlace() {
			if relative == allowed || strings.HasPrefix(relative, allowed+"/") {
				used[allowed], found = true, nil
			}
		}
		for _, call := range found {
			t.Errorf("%s writes with %s: use internal/atomicfile, so that a kill leaves no half file", relative, call)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	for allowed := range inPlace() {
		if !used[allowed] {
			t.Errorf("%s writes nothing in place: take it out of the list", allowed)
		}
	}
}

func TestWritesAreFound(t *testing.T) {
	source := "package p\n\nfunc f() {\n\tos.WriteFile(\"a\", nil, 0)\n\tos.Open(\"b\")\n\tos.Create(\"c\")\n}\n"
	if got := writesOf(t, "p.go", source); !slices.Equal(got, []string{"os.WriteFile", "os.Create"}) {
		t.Errorf("got %q", got)
	}
}

// writesOf returns the calls of a file that write files in place. source may be nil.
func writesOf(t *testing.T, path string, source any) (found []string) {
	t.Helper()
	parsed, err := parser.ParseFile(token.NewFileSet(), path, source, parser.SkipObjectResolution)
	if err != nil {
		t.Fatal(err)
	}
	ast.Inspect(parsed, func(n ast.Node) bool {
		if s, ok := n.(*ast.SelectorExpr); ok {
			if x, ok := s.X.(*ast.Ident); ok && x.Name == "os" &&
				slices.Contains([]string{"WriteFile", "Create", "Rename"}, s.Sel.Name) {
				found = append(found, "os."+s.Sel.Name)
			}
		}
		return true
	})
	return found
}
