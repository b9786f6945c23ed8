package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, os.Args[1:], os.Stdout); err != nil && !errors.Is(err, flag.ErrHelp) {
		fmt.Fprintln(os.Stderr, "packages:", err)
		os.Exit(1) //nolint:gocritic // there is nothing to stop
	}
}

// run executes one command line. It prints the path of each package that it writes.
func run(ctx context.Context, args []string, out io.Writer) error {
	flags := flag.NewFlagSet("packages", flag.ContinueOnError)
	root := flags.String("root", ".", "the repository")
	dir := flags.String("out", filepath.Join("dist", "packages"), "the folder for the packages")
	version := flags.String("version", "", "the version of the packages, such as 0.3.0 (default: that of the modules)")
	var wantedPlatforms, wantedKinds list
	flags.Var(&wantedPlatforms, "platform",
		"such as linux/amd64, or native for this machine; repeatable (default: all)")
	flags.Var(&wantedKinds, "kind", kindNames()+"; repeatable (default: all)")
	if err := flags.Parse(args); err != nil {
		return err
	}
	if flags.NArg() > 0 {
		return fmt.Errorf("%q is no flag", flags.Arg(0))
	}
	platforms, err := platformsNamed(wantedPlatforms)
	if err != nil {
		return err
	}
	kinds, err := kindsNamed(wantedKinds)
	if err != nil {
		return err
	}
	b := builder{root: *root, version: strings.TrimPrefix(*version, "v"), compile: compile}
	if b.version == "" {
		if b.version, err = moduleVersion(*root); err != nil {
			return err
		}
	}
	if err := checkVersion(b.version); err != nil {
		return err
	}
	return b.write(ctx, *dir, platforms, kinds, out)
}

// A list is a flag that may be given several times.
type list []string

// String returns the values.
func (l *list) String() string { return strings.Join(*l, ",") }

// Set appends a value.
func (l *list) Set(value string) error {
	*l = append(*l, value)
	return nil
}
