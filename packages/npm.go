package main

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// nodeDir holds the npm package, its tests and the examples of its page.
const nodeDir = "packages/node"

// npmPlatform returns the npm package for a platform: the binary, and for whom it is. npm installs
// the one that fits, because the package chaosrun names all of them as optional.
func (b builder) npmPlatform(p platform, binary []byte) (file, error) {
	name := "@chaosrun/" + p.npmOS + "-" + p.npmCPU
	manifest, err := b.manifest()
	if err != nil {
		return file{}, err
	}
	for _, key := range []string{"keywords", "type", "bin", "exports", "engines"} {
		delete(manifest, key)
	}
	manifest["name"] = name
	manifest["description"] = "The command of the package chaosrun for " + p.npmOS + " on " + p.npmCPU
	manifest["os"], manifest["cpu"] = []string{p.npmOS}, []string{p.npmCPU}
	manifest["preferUnplugged"] = true // Yarn runs no program in a ZIP archive
	readme := "# " + name + "\n\nThe command `chaosrun` for " + p.npmOS + " on " + p.npmCPU +
		". Install the package `chaosrun`, which brings it.\n"
	return b.tarball(manifest, []file{
		{name: "README.md", data: []byte(readme)},
		{name: "bin/" + p.binary(), data: binary, executable: true},
	})
}

// npm returns the npm package chaosrun. It has no binary: that of each platform is an optional
// dependency.
func (b builder) npm(all []program) ([]file, error) {
	manifest, err := b.manifest()
	if err != nil {
		return nil, err
	}
	optional := map[string]string{}
	for _, p := range all {
		optional["@chaosrun/"+p.npmOS+"-"+p.npmCPU] = b.version
	}
	manifest["optionalDependencies"] = optional
	files, err := sources(filepath.Join(b.root, nodeDir))
	if err != nil {
		return nil, err
	}
	files = slices.DeleteFunc(files, func(f file) bool {
		return f.name == "package.json" || strings.HasPrefix(f.name, "tests/") || strings.HasPrefix(f.name, "examples/")
	})
	for i := range files {
		files[i].executable = strings.HasPrefix(files[i].name, "bin/")
	}
	packed, err := b.tarball(manifest, files)
	return []file{packed}, err
}

// manifest returns the package.json of the repository, with the version.
func (b builder) manifest() (map[string]any, error) {
	path := filepath.Join(b.root, nodeDir, "package.json")
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	var manifest map[string]any
	if err := json.Unmarshal(data, &manifest); err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	manifest["version"] = b.version
	return manifest, nil
}

// tarball returns a package as npm packs it, with the license: everything is in the folder package
// of a compressed archive. All files have one time, so that equal files make equal bytes.
func (b builder) tarball(manifest map[string]any, files []file) (file, error) {
	about, err := json.MarshalIndent(manifest, "", "  ")
	if err != nil {
		return file{}, err
	}
	license, err := os.ReadFile(filepath.Join(b.root, "LICENSE"))
	if err != nil {
		return file{}, err
	}
	files = append([]file{
		{name: "package.json", data: append(about, '\n')},
		{name: "LICENSE", data: withoutCR(license)},
	}, files...)
	data, err := tarred("package", files)
	name, _ := manifest["name"].(string)
	name = strings.ReplaceAll(strings.TrimPrefix(name, "@"), "/", "-")
	return file{name: name + "-" + b.version + ".tgz", data: data}, err
}

// tarred returns files in a folder of a compressed archive.
func tarred(folder string, files []file) ([]byte, error) {
	var out bytes.Buffer
	zipped := gzip.NewWriter(&out)
	w := tar.NewWriter(zipped)
	for _, f := range files {
		f.name = folder + "/" + f.name
		if err := addTo(w, f, time.Date(1985, 10, 26, 8, 15, 0, 0, time.UTC)); err != nil { // that of `npm pack`
			return nil, err
		}
	}
	if err := w.Close(); err != nil {
		return nil, err
	}
	err := zipped.Close()
	return out.Bytes(), err
}

// addTo adds a file with a time to an archive.
func addTo(w *tar.Writer, f file, when time.Time) error {
	header := &tar.Header{
		Typeflag: tar.TypeReg, Name: f.name, Size: int64(len(f.data)), Mode: 0o644,
		ModTime: when, Format: tar.FormatUSTAR,
	}
	if f.executable {
		header.Mode = 0o755
	}
	if err := w.WriteHeader(header); err != nil {
		return err
	}
	_, err := w.Write(f.data)
	return err
}
