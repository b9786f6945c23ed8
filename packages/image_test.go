package main

import (
	"archive/tar"
	"bytes"
	"errors"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/layout"
	"github.com/google/go-containerregistry/pkg/v1/mutate"
	"github.com/google/go-containerregistry/pkg/v1/validate"
)

// programs returns something in the place of the command, for each platform.
func programs(platforms []platform) []program {
	all := make([]program, len(platforms))
	for i, p := range platforms {
		all[i] = program{p, []byte("chaosrun for " + p.String())}
	}
	return all
}

// The layout is what its specification says, has an image for each Linux and the command in it.
func TestImage(t *testing.T) {
	files, err := fake().image(programs(allPlatforms()))
	if err != nil {
		t.Fatal(err)
	}
	if len(files) != 1 || files[0].name != "chaosrun-1.2.3-oci.tar" {
		t.Fatalf("got %d files", len(files))
	}
	dir := unpacked(t, files[0].data)
	named := pulled(t, dir)
	if diff := cmp.Diff(named.Annotations, map[string]string{
		"io.containerd.image.name": "localhost/chaosrun:1.2.3", "org.opencontainers.image.ref.name": "1.2.3",
	}); diff != "" {
		t.Errorf("-got +want\n%s", diff)
	}
	var seen []string
	for p, one := range images(t, dir) {
		seen = append(seen, p)
		config, err := one.ConfigFile()
		if err != nil {
			t.Fatal(err)
		}
		if config.OS+"/"+config.Architecture != p || config.Config.User != nobody {
			t.Errorf("%s: for %s/%s, as the user %q", p, config.OS, config.Architecture, config.Config.User)
		}
		_, port := config.Config.ExposedPorts[firstPort+"/tcp"]
		if !port || config.Config.Labels["org.opencontainers.image.version"] != "1.2.3" {
			t.Errorf("%s: ports %v, labels %v", p, config.Config.ExposedPorts, config.Config.Labels)
		}
		modes, texts := contents(t, one)
		if diff := cmp.Diff(modes, map[string]int64{"tmp": 0o1777, "chaosrun": 0o755, "LICENSE": 0o644}); diff != "" {
			t.Errorf("%s: -got +want\n%s", p, diff)
		}
		if string(texts["chaosrun"]) != "chaosrun for "+p {
			t.Errorf("%s: the program is %q", p, texts["chaosrun"])
		}
	}
	slices.Sort(seen)
	if !slices.Equal(seen, []string{"linux/amd64", "linux/arm64"}) {
		t.Errorf("images for %v", seen)
	}
}

// Equal programs make equal bytes, and other programs others.
func TestImageIsReproducible(t *testing.T) {
	all := programs(allPlatforms())
	build := func() []byte {
		files, err := fake().image(all)
		if err != nil {
			t.Fatal(err)
		}
		return files[0].data
	}
	first := build()
	if !bytes.Equal(first, build()) {
		t.Error("the same programs make two images")
	}
	all[0].binary = []byte("another")
	if bytes.Equal(first, build()) {
		t.Error("another program makes the same image")
	}
}

// A layout with a changed byte is not valid.
func TestImageValidationHasTeeth(t *testing.T) {
	files, err := fake().image(programs(allPlatforms()))
	if err != nil {
		t.Fatal(err)
	}
	dir := unpacked(t, files[0].data)
	blobs, err := filepath.Glob(filepath.Join(dir, "blobs", "sha256", "*"))
	if err != nil {
		t.Fatal(err)
	}
	largest := slices.MaxFunc(blobs, func(a, b string) int { return len(read(t, a)) - len(read(t, b)) })
	data := read(t, largest)
	data[len(data)/2] ^= 1
	if err := os.WriteFile(largest, data, 0o600); err != nil {
		t.Fatal(err)
	}
	index, err := layout.ImageIndexFromPath(dir)
	if err != nil {
		t.Fatal(err)
	}
	if validate.Index(index) == nil {
		t.Error("it is valid")
	}
}

// There is no image without a Linux.
func TestNoImage(t *testing.T) {
	files, err := fake().image(programs(allPlatforms()[2:]))
	if err != nil || files != nil {
		t.Errorf("got %d files, %v", len(files), err)
	}
}

// pulled returns what the layout's index names, which is one image for several platforms.
func pulled(t *testing.T, dir string) v1.Descriptor {
	t.Helper()
	top, err := layout.ImageIndexFromPath(dir)
	if err != nil {
		t.Fatal(err)
	}
	if err := validate.Index(top); err != nil {
		t.Error(err)
	}
	manifest, err := top.IndexManifest()
	if err != nil || len(manifest.Manifests) != 1 {
		t.Fatalf("%d images, %v", len(manifest.Manifests), err)
	}
	return manifest.Manifests[0]
}

// images returns the images of a layout by platform.
func images(t *testing.T, dir string) map[string]v1.Image {
	t.Helper()
	top, err := layout.ImageIndexFromPath(dir)
	if err != nil {
		t.Fatal(err)
	}
	index, err := top.ImageIndex(pulled(t, dir).Digest)
	if err != nil {
		t.Fatal(err)
	}
	manifest, err := index.IndexManifest()
	if err != nil {
		t.Fatal(err)
	}
	all := map[string]v1.Image{}
	for _, d := range manifest.Manifests {
		if all[d.Platform.String()], err = index.Image(d.Digest); err != nil {
			t.Fatal(err)
		}
	}
	return all
}

// contents returns the modes and the texts of the files of an image.
func contents(t *testing.T, one v1.Image) (map[string]int64, map[string][]byte) {
	t.Helper()
	modes, texts := map[string]int64{}, map[string][]byte{}
	flat := mutate.Extract(one)
	defer flat.Close()
	for r := tar.NewReader(flat); ; {
		header, err := r.Next()
		if errors.Is(err, io.EOF) {
			return modes, texts
		}
		if err != nil {
			t.Fatal(err)
		}
		modes[header.Name] = header.Mode
		if texts[header.Name], err = io.ReadAll(r); err != nil {
			t.Fatal(err)
		}
		if !header.ModTime.Equal(imageTime()) || header.Uid != 0 {
			t.Errorf("%s: %s, user %d", header.Name, header.ModTime, header.Uid)
		}
	}
}

// layoutFile matches the paths of an image layout.
var layoutFile = regexp.MustCompile(`^(oci-layout|index\.json|blobs/sha256/[0-9a-f]{64})$`)

// unpacked unpacks an image layout into a folder.
func unpacked(t *testing.T, data []byte) string {
	t.Helper()
	dir := t.TempDir()
	for r := tar.NewReader(bytes.NewReader(data)); ; {
		header, err := r.Next()
		if errors.Is(err, io.EOF) {
			return dir
		}
		if err != nil || !layoutFile.MatchString(header.Name) {
			t.Fatalf("%v, %v", header, err)
		}
		path := filepath.Join(dir, filepath.FromSlash(header.Name))
		text, err := io.ReadAll(r)
		err = errors.Join(err, os.MkdirAll(filepath.Dir(path), 0o750), os.WriteFile(path, text, 0o600))
		if err != nil {
			t.Fatal(err)
		}
	}
}

func read(t *testing.T, path string) []byte {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return data
}
