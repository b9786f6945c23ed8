package targets

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"

	"github.com/chaosrun/chaosrun/internal/process"
)

// stampFile is a file in the home of a target. It identifies the installed packages, and is written
// last.
const stampFile = "installed"

// nothing reports whether there is nothing to install.
func (i Install) nothing() bool {
	return len(i.Kinds()) == 0
}

// Kinds returns the kinds of packages that are listed: pip, npm, go, maven, java.
func (i Install) Kinds() []string {
	var kinds []string
	for _, k := range []struct {
		name   string
		listed bool
	}{
		{"pip", len(i.Pip) > 0},
		{"npm", len(i.Npm) > 0},
		{"go", i.Go != ""},
		{"maven", len(i.Maven) > 0},
		{"java", i.Java != ""},
	} {
		if k.listed {
			kinds = append(kinds, k.name)
		}
	}
	return kinds
}

// Install installs the engine into its [Target.Home]: Python packages into a virtual environment in
// venv, Node packages into node_modules, a Go program into bin, Maven artifacts and compiled Java
// sources into lib. It needs python3, npm, go, mvn or a JDK, and the network, on the real clock. It
// does nothing if all is installed, and starts again after an interrupt. The output of the tools
// goes to log, and into install.log. The error names the command that failed, with its last lines
// of output, or the jar whose checksum differs from the lock.
func (t *Target) Install(ctx context.Context, log io.Writer) error {
	if t.Packages.nothing() || t.installed() == nil {
		return nil
	}
	stamp, err := t.stamp()
	if err != nil {
		return err
	}
	home := t.Home()
	if err := os.MkdirAll(home, 0o750); err != nil {
		return fmt.Errorf("install: %w", err)
	}
	if err := os.Remove(filepath.Join(home, stampFile)); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("install: %w", err)
	}
	output, err := process.CreateLog(filepath.Join(home, "install.log"), 0)
	if err != nil {
		return fmt.Errorf("install: %w", err)
	}
	defer func() { _ = output.Close() }()
	in := installer{target: t, home: home, log: log, output: output}
	for _, step := range []func(context.Context) error{in.pip, in.npm, in.golang, in.maven, in.java} {
		if err := step(ctx); err != nil {
			return err
		}
	}
	return replace(filepath.Join(home, stampFile), []byte(stamp+"\n"))
}

// installed returns nil if all packages of the file are installed.
func (t *Target) installed() error {
	if t.Packages.nothing() {
		return nil
	}
	stamp, err := t.stamp()
	if err != nil {
		return err
	}
	have, err := os.ReadFile(filepath.Join(t.Home(), stampFile))
	switch {
	case err != nil:
		return fmt.Errorf("not installed: run `chaosrun install %s`", t.called())
	case strings.TrimSpace(string(have)) != stamp:
		return fmt.Errorf("the installed versions are not those of the target file: run `chaosrun install %s`",
			t.called())
	}
	return nil
}

// usable returns an error if the installed engine cannot be run. A version chosen with At must be
// installed here.
func (t *Target) usable() error {
	if t.release != "" {
		return t.installed()
	}
	return t.outdated()
}

// outdated returns an error if the installed packages are not those of the file. An engine that is
// not installed here at all may be in the user's own PATH.
func (t *Target) outdated() error {
	if _, err := os.Stat(filepath.Join(t.Home(), stampFile)); err != nil {
		return nil //nolint:nilerr // it is not installed
	}
	return t.installed()
}

// called returns how the target is named on a command line.
func (t *Target) called() string {
	name := quoted(t.File)
	if t.File == "" || filepath.Base(filepath.Dir(t.File)) == "src" &&
		filepath.Dir(filepath.Dir(filepath.Dir(t.File))) == filepath.Dir(t.Home()) {
		name = strings.TrimSuffix(t.Name, "-"+t.release)
	}
	if t.release != "" {
		name += " --versions " + t.release
	}
	return name
}

// stamp identifies the packages of the file.
func (t *Target) stamp() (string, error) {
	hash := sha256.New()
	p := t.Packages
	// a map is printed sorted
	fmt.Fprintf(hash, "%q %q %q %q %q %q %q\n", p.Pip, p.Npm, p.Overrides, p.Go, p.Maven, p.Java, p.Lock)
	var files []string
	if p.Lock != "" {
		files = append(files, p.Lock)
	}
	for _, sources := range []func() ([]string, error){t.goFiles, t.javaFiles} {
		names, err := sources()
		if err != nil {
			return "", err
		}
		files = append(files, names...)
	}
	for _, file := range files {
		data, err := os.ReadFile(filepath.Join(t.Dir, file))
		if err != nil {
			return "", fmt.Errorf("install: %w", err)
		}
		fmt.Fprintf(hash, "%s %d\n", strings.TrimSuffix(filepath.Base(file), ".txt"), len(data))
		hash.Write(data)
	}
	if p.Java != "" {
		hash.Write(javaHelper)
	}
	if p.Go != "" {
		if err := stampGoHelper(hash); err != nil {
			return "", err
		}
	}
	return hex.EncodeToString(hash.Sum(nil)), nil
}

// goFiles returns the files of the Go program, relative to the target file: its sources, go.mod and
// go.sum, the latter two perhaps with .txt.
func (t *Target) goFiles() ([]string, error) {
	return t.sources("install.go", t.Packages.Go, func(name string) bool {
		source := strings.HasSuffix(name, ".go") && !strings.HasSuffix(name, "_test.go")
		return source || slices.Contains([]string{"go.mod", "go.sum"}, strings.TrimSuffix(name, ".txt"))
	})
}

// sources returns the files of the folder that a key of the target file names, if any.
func (t *Target) sources(key, dir string, wanted func(name string) bool) (files []string, err error) {
	if dir == "" {
		return nil, nil
	}
	entries, err := os.ReadDir(filepath.Join(t.Dir, dir))
	if err != nil {
		return nil, fmt.Errorf("%s: %w", key, err)
	}
	for _, e := range entries {
		if !e.IsDir() && wanted(e.Name()) {
			files = append(files, filepath.Join(dir, e.Name()))
		}
	}
	return files, nil
}

// An installer installs one target.
type installer struct {
	target *Target
	home   string
	log    io.Writer
	output *process.Log
}

// run runs a command in a folder, with the user's environment, so that proxies and registries
// apply.
func (in installer) run(ctx context.Context, dir string, env []string, command ...string) error {
	line := strings.Join(command, " ")
	fmt.Fprintf(io.MultiWriter(in.log, in.output), "+ %s\n", line)
	out := io.MultiWriter(in.log, in.output)
	proc, err := process.Start(ctx, process.Options{
		Command: command, Dir: dir, Env: append(os.Environ(), env...), Stdout: out, Stderr: out,
		Stdin: strings.NewReader(""),
	})
	if err == nil {
		<-proc.Done()
		err = proc.Err()
	}
	switch {
	case ctx.Err() != nil:
		return fmt.Errorf("interrupted in: %s", line)
	case err == nil:
		return nil
	case proc == nil:
		return fmt.Errorf("%w: it is needed to install %s", err, in.target.Name)
	}
	return fmt.Errorf("%s: %w; the last lines of its output:\n%s", line, err, in.output.Tail(tailLines))
}

// lock returns the path of the lock, "" if its name has another suffix.
func (in installer) lock(suffix string) string {
	lock := in.target.Packages.Lock
	if !strings.HasSuffix(lock, suffix) {
		return ""
	}
	return filepath.Join(in.target.Dir, lock)
}

// python returns the name of the user's own Python.
func python() string {
	if runtime.GOOS == "windows" {
		return "python"
	}
	return "python3"
}

// pip installs Python packages.
func (in installer) pip(ctx context.Context) error {
	packages := in.target.Packages.Pip
	if len(packages) == 0 {
		return nil
	}
	bin, program := "bin", "python"
	if runtime.GOOS == "windows" {
		bin, program = "Scripts", "python.exe"
	}
	venv := filepath.Join(in.home, "venv")
	if err := os.RemoveAll(venv); err != nil {
		return fmt.Errorf("install: %w", err)
	}
	if err := in.run(ctx, in.home, nil, python(), "-m", "venv", venv); err != nil {
		return err
	}
	args := []string{
		filepath.Join(venv, bin, program), "-m", "pip", "install", "--disable-pip-version-check", "--no-input",
	}
	if lock := in.lock(".txt"); lock != "" {
		// The lock names every package, so pip need not resolve any.
		return in.run(ctx, in.home, nil, append(args, "--no-deps", "-r", lock)...)
	}
	return in.run(ctx, in.home, nil, append(args, packages...)...)
}

// npm installs Node packages.
func (in installer) npm(ctx context.Context) error {
	if len(in.target.Packages.Npm) == 0 {
		return nil
	}
	manifest := struct {
		Name         string            `json:"name"`
		Private      bool              `json:"private"`
		Dependencies map[string]string `json:"dependencies"`
		Overrides    map[string]string `json:"overrides,omitempty"`
	}{in.target.Name, true, map[string]string{}, in.target.Packages.Overrides}
	for _, text := range in.target.Packages.Npm {
		at := strings.LastIndexByte(text, '@')
		manifest.Dependencies[text[:at]] = text[at+1:]
	}
	data, err := json.MarshalIndent(manifest, "", "  ")
	if err == nil {
		err = replace(filepath.Join(in.home, "package.json"), append(data, '\n'))
	}
	if err != nil {
		return fmt.Errorf("install: %w", err)
	}
	verb, lock := "install", in.lock(".json")
	locked := filepath.Join(in.home, "package-lock.json")
	if lock == "" {
		err = os.Remove(locked) // the lock of an earlier installation
	} else {
		verb = "ci"
		var text []byte
		if text, err = os.ReadFile(lock); err == nil {
			err = replace(locked, text)
		}
	}
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("install: %w", err)
	}
	return in.run(ctx, in.home, nil, "npm", verb, "--no-audit", "--no-fund")
}
