package main

import (
	"archive/tar"
	"bytes"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/empty"
	"github.com/google/go-containerregistry/pkg/v1/layout"
	"github.com/google/go-containerregistry/pkg/v1/mutate"
	"github.com/google/go-containerregistry/pkg/v1/tarball"
	"github.com/google/go-containerregistry/pkg/v1/types"
)

const (
	// nobody is the user of the image, by number, because it has no /etc/passwd. It is the user
	// nonroot of Google's distroless images.
	nobody = "65532:65532"
	// firstPort is the port of the first provider. The second has the next one.
	firstPort = "4010"
)

// imageTime is the time of all files of an image, so that equal files make equal bytes.
func imageTime() time.Time { return time.Unix(0, 0).UTC() }

// image returns the container image of the command, for each Linux among the platforms: an OCI
// image layout in a tar archive. Without a Linux there is none.
// https://github.com/opencontainers/image-spec/blob/v1.1.1/image-layout.md
func (b builder) image(all []program) ([]file, error) {
	var adds []mutate.IndexAddendum
	for _, p := range all {
		if p.goos != "linux" {
			continue
		}
		one, err := b.imageFor(p)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", p, err)
		}
		adds = append(adds, mutate.IndexAddendum{Add: one, Descriptor: v1.Descriptor{
			Platform: &v1.Platform{OS: p.goos, Architecture: p.goarch},
		}})
	}
	if adds == nil {
		return nil, nil
	}
	index := mutate.AppendManifests(mutate.IndexMediaType(empty.Index, types.OCIImageIndex), adds...)
	dir, err := os.MkdirTemp("", "chaosrun-image-")
	if err != nil {
		return nil, err
	}
	defer func() { _ = os.RemoveAll(dir) }()
	path, err := layout.Write(dir, empty.Index)
	if err != nil {
		return nil, err
	}
	if err := path.AppendIndex(index, layout.WithAnnotations(map[string]string{
		// What Docker and Podman call the image once it is loaded. No registry has it.
		"io.containerd.image.name":          "localhost/chaosrun:" + b.version,
		"org.opencontainers.image.ref.name": b.version,
	})); err != nil {
		return nil, err
	}
	data, err := tarOf(os.DirFS(dir))
	return []file{{name: "chaosrun-" + b.version + "-oci.tar", data: data}}, err
}

// imageFor returns the image for a platform. It holds the command, its license, and an empty /tmp.
func (b builder) imageFor(p program) (v1.Image, error) {
	license, err := os.ReadFile(filepath.Join(b.root, "LICENSE"))
	if err != nil {
		return nil, err
	}
	content, err := layerOf([]file{
		{name: "chaosrun", data: p.binary, executable: true},
		{name: "LICENSE", data: withoutCR(license)},
	})
	if err != nil {
		return nil, err
	}
	layer, err := tarball.LayerFromOpener(func() (io.ReadCloser, error) {
		return io.NopCloser(bytes.NewReader(content)), nil
	}, tarball.WithMediaType(types.OCILayer))
	if err != nil {
		return nil, err
	}
	base := mutate.ConfigMediaType(mutate.MediaType(empty.Image, types.OCIManifestSchema1), types.OCIConfigJSON)
	base, err = mutate.ConfigFile(base, b.imageConfig(p.platform))
	if err != nil {
		return nil, err
	}
	return mutate.Append(base, mutate.Addendum{Layer: layer, History: v1.History{
		Created: v1.Time{Time: imageTime()}, CreatedBy: "go run ./packages --kind image",
	}})
}

// imageConfig says how the image is run. Its command serves two providers. In a container they have
// to listen on all addresses, or nobody outside could reach them.
func (b builder) imageConfig(p platform) *v1.ConfigFile {
	return &v1.ConfigFile{
		OS: p.goos, Architecture: p.goarch, Created: v1.Time{Time: imageTime()},
		RootFS: v1.RootFS{Type: "layers"},
		Config: v1.Config{
			User: nobody, WorkingDir: "/tmp", Env: []string{"PATH=/", "HOME=/tmp"},
			Entrypoint:   []string{"/chaosrun", "serve", "--listen", "0.0.0.0"},
			Cmd:          []string{"primary=heartbeat-only", "secondary=healthy", "--port", firstPort},
			ExposedPorts: map[string]struct{}{firstPort + "/tcp": {}, "4011/tcp": {}},
			Labels: map[string]string{
				"org.opencontainers.image.title":       "chaosrun",
				"org.opencontainers.image.description": "Failing LLM providers for the tests of failover",
				"org.opencontainers.image.version":     b.version,
				"org.opencontainers.image.licenses":    "Apache-2.0",
				"org.opencontainers.image.source":      "https://github.com/chaosrun/chaosrun",
			},
		},
	}
}

// layerOf returns a layer with files, and /tmp for everybody.
func layerOf(files []file) ([]byte, error) {
	var out bytes.Buffer
	w := tar.NewWriter(&out)
	err := w.WriteHeader(&tar.Header{
		Typeflag: tar.TypeDir, Name: "tmp/", Mode: 0o1777, ModTime: imageTime(), Format: tar.FormatUSTAR,
	})
	for _, f := range files {
		if err == nil {
			err = addTo(w, f, imageTime())
		}
	}
	if err != nil {
		return nil, err
	}
	err = w.Close()
	return out.Bytes(), err
}

// tarOf returns the files of a folder as a tar archive, sorted by name.
func tarOf(folder fs.FS) ([]byte, error) {
	var out bytes.Buffer
	w := tar.NewWriter(&out)
	err := fs.WalkDir(folder, ".", func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		data, err := fs.ReadFile(folder, path)
		if err != nil {
			return err
		}
		return addTo(w, file{name: path, data: data}, imageTime())
	})
	if err != nil {
		return nil, err
	}
	err = w.Close()
	return out.Bytes(), err
}
