package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"strings"

	"golang.org/x/mod/semver"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, os.Args[1:], os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "release:", err)
		os.Exit(1) //nolint:gocritic // there is nothing to stop
	}
}

// run executes one command line.
func run(ctx context.Context, args []string, out io.Writer) error {
	flags := flag.NewFlagSet("release", flag.ContinueOnError)
	root := flags.String("root", ".", "the repository")
	proxy := flags.String("proxy", "", "write the modules there, as a Go module proxy")
	tags := flags.Bool("tags", false, "tag the last commit for every module")
	if err := flags.Parse(args); err != nil {
		return err
	}
	modules, err := modulesOf(*root)
	if err != nil {
		return err
	}
	switch {
	case flags.NArg() == 1:
		return modules.release(ctx, flags.Arg(0), out)
	case flags.NArg() > 1:
		return errors.New("got several versions, want one: go run ./internal/release v0.3.0")
	case *proxy != "":
		return modules.publish(ctx, *proxy)
	case *tags:
		return modules.tag(ctx, out)
	}
	flags.Usage()
	return errors.New("name a version: go run ./internal/release v0.3.0")
}

// release sets the version of every module. It completes each go.sum from the zips of the required
// modules.
func (r *repository) release(ctx context.Context, version string, out io.Writer) error {
	if !semver.IsValid(version) || semver.Canonical(version) != version {
		return fmt.Errorf("%q is not a version: write it as v0.3.0", version)
	}
	if err := r.setVersion(version); err != nil {
		return err
	}
	proxy, err := os.MkdirTemp("", "chaosrun-proxy-")
	if err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(proxy) }()
	cache, err := os.MkdirTemp("", "chaosrun-modcache-")
	if err != nil {
		return err
	}
	defer func() { _ = removeCache(cache) }()
	for _, m := range r.modules {
		if err := r.tidy(ctx, m, proxy, cache); err != nil {
			return err
		}
		if err := r.zip(ctx, m, proxy); err != nil {
			return err
		}
		fmt.Fprintln(out, m.path, version)
	}
	return nil
}

// tidy completes a module's go.sum. Modules of this repository come from the proxy, and never
// enter the user's module cache.
func (r repository) tidy(ctx context.Context, m moduleDir, proxy, cache string) error {
	env, err := environment(ctx, proxy, cache)
	if err != nil {
		return err
	}
	return command(ctx, r.dirOf(m), env, "go", "mod", "tidy")
}

// environment returns the environment of the go command. It finds modules of this repository in
// the proxy, and others in the user's module cache or proxy. It keeps all of them in its own
// module cache. -trimpath lets the module caches share compiled packages.
func environment(ctx context.Context, proxy, cache string) ([]string, error) {
	out, err := exec.CommandContext(ctx, "go", "env", "GOMODCACHE", "GOPROXY").Output()
	if err != nil {
		return nil, fmt.Errorf("go env: %w", err)
	}
	lines := strings.Split(strings.TrimSpace(string(out)), "\n")
	if len(lines) != 2 {
		return nil, fmt.Errorf("go env: %q", out)
	}
	return append(os.Environ(),
		"GOWORK=off", "GOFLAGS=-mod=mod -trimpath", "CGO_ENABLED=0", "GONOSUMDB="+prefix, "GOPRIVATE=", "GONOPROXY=",
		"GOMODCACHE="+cache, "GOPROXY=file://"+proxy+",file://"+lines[0]+"/cache/download,"+lines[1],
	), nil
}

// tag tags the last commit: vX.Y.Z for the root, DIR/vX.Y.Z for every other module.
func (r repository) tag(ctx context.Context, out io.Writer) error {
	for _, m := range r.modules {
		name := r.version
		if m.dir != "." {
			name = m.dir + "/" + r.version
		}
		if err := command(ctx, r.root, nil, "git", "tag", "-a", name, "-m", m.path+" "+r.version); err != nil {
			return err
		}
		fmt.Fprintln(out, name)
	}
	return nil
}

// command runs a command. The error of a failed command includes its output.
func command(ctx context.Context, dir string, env []string, name string, args ...string) error {
	cmd := exec.CommandContext(ctx, name, args...) //nolint:gosec // git and go, with arguments from here
	cmd.Dir, cmd.Env = dir, env
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("%s %s in %s: %w\n%s", name, strings.Join(args, " "), dir, err, out)
	}
	return nil
}
