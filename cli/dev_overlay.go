package cli

import (
	"errors"
	"fmt"
	"path/filepath"

	"github.com/chaosrun/chaosrun/internal/overlay"
)

type devOverlayCmd struct {
	Dir string `default:".chaosrun-overlay" placeholder:"DIR" help:"The folder to write into. Default: .chaosrun-overlay."`
}

// Help returns the text below the flags.
func (devOverlayCmd) Help() string {
	return `Example:
  chaosrun dev overlay
  go test -overlay=.chaosrun-overlay/overlay.json -parallel 1 ./...

An engine that holds a mutex across a wait stops virtual time: to the Go runtime, a goroutine that waits for a mutex
is not blocked. The overlay changes that. It is a copy of one file of the runtime with three more lines, and the go
command uses it while the flag is given. A true deadlock is then found at once. Your installation of Go does not change.
The overlay fits the Go version of this folder: write it again after an update. The first build with it compiles the
standard library, in about a minute.`
}

// Run writes the overlay.
func (d *devOverlayCmd) Run(c console) error {
	toolchain, err := overlay.Installed(c.ctx, ".")
	if err != nil {
		return &exitError{code: ExitUnknown, err: err}
	}
	path, err := overlay.Write(toolchain, d.Dir)
	if _, unsupported := errors.AsType[*overlay.UnsupportedError](err); unsupported {
		return usage("dev overlay: %v", err)
	}
	if err != nil {
		return err //nolint:wrapcheck // it says enough
	}
	fmt.Fprintf(c.out, "new      %s, for %s\n\nNext:\n  go test -overlay=%s -parallel 1 ./...\n", path,
		toolchain.Version, filepath.Join(d.Dir, filepath.Base(path)))
	return nil
}
