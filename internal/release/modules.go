package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"golang.org/x/mod/modfile"
	"golang.org/x/mod/module"
	"golang.org/x/mod/zip"
)

// prefix is the common prefix of the module paths.
const prefix = "github.com/chaosrun/chaosrun"

// A repository holds the published modules of a go.work. Each module comes after those that it
// requires.
type repository struct {
	root string
	// version is the version at which the modules require each other.
	version string
	modules []moduleDir
}

// A moduleDir is a module path, with the module's folder relative to the root, with slashes.
type moduleDir struct{ path, dir string }

// private reports whether a module is not published: tools and tests.
func private(dir string) bool {
	return strings.HasPrefix(dir, "internal/") || dir == "reports/interop" || dir == "packages"
}

// modulesOf reads go.work and each go.mod in it. It returns an error if the modules require each
// other at different versions, or if a go.mod has a replace directive.
func modulesOf(root string) (repository, error) {
	r := repository{root: root}
	work, err := readWork(root)
	if err != nil {
		return r, err
	}
	files := map[string]*modfile.File{}
	for _, use := range work.Use {
		dir := filepath.ToSlash(filepath.Clean(use.Path))
		f, err := readMod(filepath.Join(root, dir))
		if err != nil {
			return r, err
		}
		if len(f.Replace) > 0 {
			return r, fmt.Errorf("%s/go.mod has a replace directive, so it cannot be installed", dir)
		}
		files[f.Module.Mod.Path] = f
		if private(dir) {
			continue
		}
		r.modules = append(r.modules, moduleDir{path: f.Module.Mod.Path, dir: dir})
	}
	if err := r.agree(work, files); err != nil {
		return r, err
	}
	// Sort by the number of required modules of this repository. There is no cycle, and
	// requirements are transitive.
	requires := func(m moduleDir) int { return len(own(files[m.path].Require)) }
	slices.SortStableFunc(r.modules, func(a, b moduleDir) int { return requires(a) - requires(b) })
	return r, nil
}

// agree sets the common version, or returns an error if the modules differ.
func (r *repository) agree(work *modfile.WorkFile, files map[string]*modfile.File) error {
	see := func(where, version string) error {
		if r.version == "" {
			r.version = version
		}
		if r.version != version {
			return fmt.Errorf("%s says %s, others %s", where, version, r.version)
		}
		return nil
	}
	var errs []error
	for path, f := range files {
		for _, required := range own(f.Require) {
			errs = append(errs, see(path+" of "+required.Mod.Path, required.Mod.Version))
		}
	}
	for _, replace := range work.Replace {
		if strings.HasPrefix(replace.Old.Path, prefix) {
			errs = append(errs, see("go.work of "+replace.Old.Path, replace.Old.Version))
		}
	}
	if r.version == "" {
		errs = append(errs, errors.New("no module requires another, so there is no version"))
	}
	return errors.Join(errs...)
}

// own returns the requirements on modules of this repository.
func own(all []*modfile.Require) []*modfile.Require {
	return slices.DeleteFunc(slices.Clone(all),
		func(r *modfile.Require) bool { return !strings.HasPrefix(r.Mod.Path, prefix) })
}

func readWork(root string) (*modfile.WorkFile, error) {
	name := filepath.Join(root, "go.work")
	data, err := os.ReadFile(name)
	if err != nil {
		return nil, err
	}
	return modfile.ParseWork(name, data, nil)
}

func readMod(dir string) (*modfile.File, error) {
	name := filepath.Join(dir, "go.mod")
	data, err := os.ReadFile(name)
	if err != nil {
		return nil, err
	}
	return modfile.Parse(name, data, nil)
}

// dirOf returns the folder of a module.
func (r repository) dirOf(m moduleDir) string {
	return filepath.Join(r.root, filepath.FromSlash(m.dir))
}

// setVersion writes the version into every go.mod and into go.work.
func (r *repository) setVersion(version string) error {
	work, err := readWork(r.root)
	if err != nil {
		return err
	}
	for _, use := range work.Use {
		if err := setRequired(filepath.Join(r.root, use.Path), version); err != nil {
			return err
		}
	}
	for _, replace := range slices.Clone(work.Replace) {
		if !strings.HasPrefix(replace.Old.Path, prefix) {
			continue
		}
		path, to := replace.Old.Path, replace.New
		if err := work.DropReplace(path, replace.Old.Version); err != nil {
			return err
		}
		if err := work.AddReplace(path, version, to.Path, to.Version); err != nil {
			return err
		}
	}
	work.Cleanup()
	r.version = version
	//nolint:gosec // a source file
	return os.WriteFile(filepath.Join(r.root, "go.work"), modfile.Format(work.Syntax), 0o644)
}

func setRequired(dir, version string) error {
	f, err := readMod(dir)
	if err != nil {
		return err
	}
	for _, required := range own(f.Require) {
		if err := f.AddRequire(required.Mod.Path, version); err != nil {
			return err
		}
	}
	data, err := f.Format()
	if err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(dir, "go.mod"), data, 0o644) //nolint:gosec // a source file
}

// publish writes every module into a folder, as a Go module proxy.
func (r repository) publish(ctx context.Context, proxy string) error {
	for _, m := range r.modules {
		if err := r.zip(ctx, m, proxy); err != nil {
			return err
		}
	}
	return nil
}

// zip writes one module into the proxy: the files .info, .mod and .zip of its version.
func (r repository) zip(ctx context.Context, m moduleDir, proxy string) error {
	escaped, err := module.EscapePath(m.path)
	if err != nil {
		return err
	}
	dir := filepath.Join(proxy, filepath.FromSlash(escaped), "@v")
	if err := os.MkdirAll(dir, 0o755); err != nil { //nolint:gosec // others may read it
		return err
	}
	mod, err := os.ReadFile(filepath.Join(r.dirOf(m), "go.mod"))
	if err != nil {
		return err
	}
	info := fmt.Sprintf("{\"Version\":%q,\"Time\":\"2026-01-01T00:00:00Z\"}\n", r.version)
	for name, data := range map[string][]byte{".info": []byte(info), ".mod": mod} {
		//nolint:gosec // others may read it
		if err := os.WriteFile(filepath.Join(dir, r.version+name), data, 0o644); err != nil {
			return err
		}
	}
	if err := list(dir, r.version); err != nil {
		return err
	}
	out, err := os.Create(filepath.Join(dir, r.version+".zip"))
	if err != nil {
		return err
	}
	return errors.Join(r.write(ctx, out, m), out.Close())
}

// write zips the files of a module that git tracks. Without git it zips the whole folder.
func (r repository) write(ctx context.Context, out *os.File, m moduleDir) error {
	v := module.Version{Path: m.path, Version: r.version}
	if _, err := os.Stat(filepath.Join(r.root, ".git")); err == nil {
		return zipTracked(ctx, out, v, r.root, r.dirOf(m))
	}
	return zip.CreateFromDir(out, v, r.dirOf(m))
}

// list adds a version to the version list of a module.
func list(dir, version string) error {
	name := filepath.Join(dir, "list")
	data, err := os.ReadFile(name)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if slices.Contains(strings.Fields(string(data)), version) {
		return nil
	}
	return os.WriteFile(name, append(data, version+"\n"...), 0o644) //nolint:gosec // others may read it
}

// removeCache removes a module cache. Its files are read-only.
func removeCache(dir string) error {
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err == nil && d.IsDir() {
			err = os.Chmod(path, 0o755) //nolint:gosec // it is about to go
		}
		return err
	})
	return errors.Join(err, os.RemoveAll(dir))
}
