package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"

	"github.com/chaosrun/chaosrun/internal/atomicfile"
)

// A builder builds packages of one version.
type builder struct {
	root string
	// version has no v in front: 0.3.0.
	version string
	// compile writes the command for a platform to a file. Tests write something smaller.
	compile func(ctx context.Context, root, version string, p platform, to string) error
}

// A file is a package as it is written, or a file in one.
type file struct {
	name string
	data []byte
	// executable says that the file is a program.
	executable bool
}

// A kind is a way to pack the command.
type kind struct {
	name string
	// perPlatform returns the package that holds the binary for a platform. It may be nil.
	perPlatform func(b builder, p platform, binary []byte) (file, error)
	// once returns the packages that are not for one platform alone. It may be nil.
	once func(b builder, all []program) ([]file, error)
}

// A program is the command for a platform.
type program struct {
	platform
	binary []byte
}

// allKinds returns every kind of package.
func allKinds() []kind {
	return []kind{
		{name: "archive", perPlatform: builder.archive},
		{name: "image", once: builder.image},
		{name: "wheel", perPlatform: builder.wheel},
		{name: "npm", perPlatform: builder.npmPlatform, once: builder.npm},
	}
}

// write builds the packages into a folder, with their checksums, and prints their paths.
func (b builder) write(ctx context.Context, dir string, platforms []platform, kinds []kind, out io.Writer) error {
	if err := os.MkdirAll(dir, 0o755); err != nil { //nolint:gosec // anybody may read packages
		return err
	}
	var packages []file
	var programs []program
	put := func(f file) error {
		packages = append(packages, f)
		path := filepath.Join(dir, f.name)
		if err := atomicfile.Write(path, f.data, 0o644); err != nil {
			return err
		}
		fmt.Fprintln(out, path)
		return nil
	}
	for _, p := range platforms {
		binary, err := b.binary(ctx, p)
		if err != nil {
			return err
		}
		programs = append(programs, program{p, binary})
		for _, k := range kinds {
			if k.perPlatform == nil {
				continue
			}
			f, err := k.perPlatform(b, p, binary)
			if err == nil {
				err = put(f)
			}
			if err != nil {
				return fmt.Errorf("%s for %s: %w", k.name, p, err)
			}
		}
	}
	shared, err := b.shared(kinds, programs)
	if err != nil {
		return err
	}
	for _, f := range shared {
		if err := put(f); err != nil {
			return err
		}
	}
	return put(sums(packages))
}

// shared returns the packages that are not for one platform alone.
func (b builder) shared(kinds []kind, programs []program) (all []file, err error) {
	for _, k := range kinds {
		if k.once == nil {
			continue
		}
		files, err := k.once(b, programs)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", k.name, err)
		}
		all = append(all, files...)
	}
	return all, nil
}

// binary returns the command for a platform.
func (b builder) binary(ctx context.Context, p platform) ([]byte, error) {
	dir, err := os.MkdirTemp("", "chaosrun-packages-")
	if err != nil {
		return nil, err
	}
	defer func() { _ = os.RemoveAll(dir) }()
	path := filepath.Join(dir, p.binary())
	if err := b.compile(ctx, b.root, b.version, p, path); err != nil {
		return nil, err
	}
	return os.ReadFile(path)
}

// linked is the variable that `chaosrun version` prints if it is set.
const linked = "github.com/chaosrun/chaosrun/cli.linked"

// compile builds the command statically and without the paths of this machine. The commit stays
// out, so that equal sources make equal bytes.
func compile(ctx context.Context, root, version string, p platform, to string) error {
	to, err := filepath.Abs(to)
	if err != nil {
		return err
	}
	flags := "-s -w -X " + linked + "=v" + version
	//nolint:gosec // the version was checked
	cmd := exec.CommandContext(ctx, "go", "build", "-trimpath", "-buildvcs=false", "-ldflags", flags, "-o", to,
		"./cmd/chaosrun")
	cmd.Dir = root
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0", "GOOS="+p.goos, "GOARCH="+p.goarch)
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("go build for %s: %w\n%s", p, err, out)
	}
	return nil
}

// required finds the version at which the command requires the core. internal/release sets it.
var required = regexp.MustCompile(`(?m)^require github\.com/chaosrun/chaosrun v(\S+)$`)

// moduleVersion returns the version of the modules.
func moduleVersion(root string) (string, error) {
	path := filepath.Join(root, "cmd", "chaosrun", "go.mod")
	data, err := os.ReadFile(path)
	if err != nil {
		return "", err
	}
	m := required.FindSubmatch(data)
	if m == nil {
		return "", fmt.Errorf("%s requires no version of the core", path)
	}
	return string(m[1]), nil
}

// plain is a version that PyPI, npm and Go write alike.
var plain = regexp.MustCompile(`^(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)$`)

// checkVersion refuses a version that means something else to PyPI than to npm.
func checkVersion(version string) error {
	if !plain.MatchString(version) {
		return fmt.Errorf("--version %q: three numbers, such as 0.3.0", version)
	}
	return nil
}

// kindNames returns the names of the kinds.
func kindNames() string { return joined(allKinds()) }

// String returns the name of the kind.
func (k kind) String() string { return k.name }

// kindsNamed returns the kinds of these names, or all of them.
func kindsNamed(names []string) ([]kind, error) {
	all := allKinds()
	if len(names) == 0 {
		return all, nil
	}
	var found []kind
	for _, name := range names {
		known := false
		for _, k := range all {
			if k.name == name {
				found, known = append(found, k), true
			}
		}
		if !known {
			return nil, fmt.Errorf("--kind %s: there is none, only %s", name, kindNames())
		}
	}
	return found, nil
}
