package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"slices"
	"strings"
)

// A sink is one report of an R to be written.
type sink[R any] struct {
	path  string
	write func(io.Writer, R) error
}

const standardOutput = "-"

type sinks[R any] []sink[R]

// parseSinks reads KIND=PATH, and refuses before anything runs what could not be written after it.
func parseSinks[R any, W ~func(io.Writer, R) error](args []string, forKind func(string) (W, error), kinds []string) (sinks[R], error) {
	var all sinks[R]
	for _, arg := range args {
		kind, path, ok := strings.Cut(arg, "=")
		if !ok || path == "" {
			return nil, usage("--report %q: write KIND=PATH, as in --report json=report.json; PATH - is standard output", arg)
		}
		w, err := forKind(kind)
		if err != nil {
			return nil, usage("--report %q: no such report%s", arg, didYouMean(kind, kinds))
		}
		if slices.ContainsFunc(all, func(s sink[R]) bool { return s.path == path }) {
			if path == standardOutput {
				return nil, usage("only one report can go to standard output")
			}
			return nil, usage("two reports go to %s", path)
		}
		if err := writable(path); err != nil {
			return nil, usage("--report %q: %v", arg, err)
		}
		all = append(all, sink[R]{path: path, write: w})
	}
	return all, nil
}

// writable says why a report's file cannot be written, and leaves everything as it was.
func writable(path string) error {
	if path == standardOutput {
		return nil
	}
	known, missing := os.Stat(path)
	if missing == nil && !known.Mode().IsRegular() && !known.IsDir() {
		return nil // a pipe or a device, which to open and close would be noticed
	}
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE, 0o644) //nolint:gosec // a report is for others to read
	if err != nil {
		return err
	}
	err = f.Close()
	if errors.Is(missing, fs.ErrNotExist) {
		err = errors.Join(err, os.Remove(path))
	}
	return err
}

// takeStandardOutput says whether one of them goes there.
func (all sinks[R]) takeStandardOutput() bool {
	return slices.ContainsFunc(all, func(s sink[R]) bool { return s.path == standardOutput })
}

// write writes every report.
func (all sinks[R]) write(c console, r R) error {
	for _, s := range all {
		var buf bytes.Buffer
		if err := s.write(&buf, r); err != nil {
			return err
		}
		if s.path == standardOutput {
			if _, err := c.out.Write(buf.Bytes()); err != nil {
				return fmt.Errorf("standard output: %w", err)
			}
			continue
		}
		if err := os.WriteFile(s.path, buf.Bytes(), 0o644); err != nil { //nolint:gosec // a report is for others to read
			return &exitError{code: exitUsage, err: err}
		}
	}
	return nil
}
