package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"go/ast"
	"go/importer"
	"go/parser"
	"go/token"
	"go/types"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// A code is a package with its types.
type code struct {
	room room
	// dir is the package's folder, absolute. name is the package's name.
	dir, name string
	// tests are the names of its test files.
	tests []string
	fset  *token.FileSet
	// names, sources and files are the files that are built on this platform, side by side.
	names   []string
	sources [][]byte
	files   []*ast.File
	info    *types.Info
	imports types.Importer
	// importPath is the package's.
	importPath string
}

// listed is what `go list` says of a package.
type listed struct {
	ImportPath string   `json:"ImportPath"`
	Dir        string   `json:"Dir"`
	Name       string   `json:"Name"`
	Export     string   `json:"Export"`
	Files      []string `json:"GoFiles"`
	Tests      []string `json:"TestGoFiles"`
	XTests     []string `json:"XTestGoFiles"`
	DepOnly    bool     `json:"DepOnly"`
}

// load reads and checks the packages of the rooms below root.
func load(ctx context.Context, root string, of []room) ([]*code, error) {
	args := []string{
		"list", "-export", "-deps", "-json=ImportPath,Dir,Name,Export,GoFiles,TestGoFiles,XTestGoFiles,DepOnly",
	}
	args = append(args, "os", "strconv", "sync/atomic") // what the switch needs
	for _, r := range of {
		args = append(args, "./"+r.dir)
	}
	cmd := exec.CommandContext(ctx, "go", args...)
	cmd.Dir = root
	var problems bytes.Buffer
	cmd.Stderr = &problems
	out, err := cmd.Output()
	if err != nil {
		return nil, fmt.Errorf("go list: %w\n%s", err, problems.Bytes())
	}
	exports, found := map[string]string{}, map[string]listed{}
	for dec := json.NewDecoder(bytes.NewReader(out)); ; {
		var p listed
		if err := dec.Decode(&p); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			return nil, fmt.Errorf("go list: %w", err)
		}
		exports[p.ImportPath] = p.Export
		if !p.DepOnly {
			found[p.Dir] = p
		}
	}
	var all []*code
	for _, r := range of {
		dir, err := filepath.Abs(filepath.Join(root, filepath.FromSlash(r.dir)))
		if err != nil {
			return nil, err
		}
		if resolved, err := filepath.EvalSymlinks(dir); err == nil {
			dir = resolved
		}
		p, ok := found[dir]
		if !ok {
			return nil, fmt.Errorf("%s: no package there", r.dir)
		}
		c, err := read(r, p, exports)
		if err != nil {
			return nil, err
		}
		all = append(all, c)
	}
	return all, nil
}

// read parses and checks one package.
func read(r room, p listed, exports map[string]string) (*code, error) {
	c := &code{room: r, dir: p.Dir, name: p.Name, importPath: p.ImportPath, fset: token.NewFileSet(), names: p.Files}
	c.tests = append(append(c.tests, p.Tests...), p.XTests...)
	c.imports = importer.ForCompiler(c.fset, "gc", func(path string) (io.ReadCloser, error) {
		file, ok := exports[path]
		if !ok || file == "" {
			return nil, fmt.Errorf("no export data of %s", path)
		}
		return os.Open(file)
	})
	for _, name := range c.names {
		src, err := os.ReadFile(filepath.Join(p.Dir, name))
		if err != nil {
			return nil, err
		}
		c.sources = append(c.sources, src)
	}
	var errs []error
	c.files, c.info, errs = c.check(c.fset, c.sources)
	return c, errors.Join(errs...)
}

// check parses and checks sources in the place of the package's files.
func (c *code) check(fset *token.FileSet, sources [][]byte) (files []*ast.File, info *types.Info, errs []error) {
	for i, src := range sources {
		file, err := parser.ParseFile(fset, filepath.Join(c.dir, c.names[i]), src,
			parser.ParseComments|parser.SkipObjectResolution)
		if err != nil {
			return nil, nil, []error{err}
		}
		files = append(files, file)
	}
	info = &types.Info{
		Types: map[ast.Expr]types.TypeAndValue{}, Defs: map[*ast.Ident]types.Object{},
		Uses:      map[*ast.Ident]types.Object{},
		Implicits: map[ast.Node]types.Object{},
	}
	config := types.Config{Importer: c.imports, Error: func(err error) {
		if one := (types.Error{}); !errors.As(err, &one) || !one.Soft ||
			!strings.Contains(one.Msg, "imported and not used") {
			errs = append(errs, err)
		}
	}}
	_, _ = config.Check(c.importPath, fset, files, info) // its errors were collected
	return files, info, errs
}
