package cli

import (
	"fmt"
	"maps"
	"runtime"
	"runtime/debug"
	"slices"

	"github.com/chaosrun/chaosrun/reports"
)

type versionCmd struct{}

// Help returns the text below the flags.
func (versionCmd) Help() string { return "Example:\n  chaosrun version" }

// Run prints the versions.
func (versionCmd) Run(c console) error {
	fmt.Fprintf(c.out, "chaosrun %s\n%s %s/%s\nreport schema %s\n", programVersion(), runtime.Version(), runtime.GOOS,
		runtime.GOARCH, reports.Schema)
	sdks := c.Targets.Versions()
	for _, name := range slices.Sorted(maps.Keys(sdks)) {
		fmt.Fprintf(c.out, "%s %s\n", name, sdks[name])
	}
	return nil
}

// linked is the version that the linker wrote into the command of a package for Python or Node:
// packages/build.go.
var linked string //nolint:gochecknoglobals // the linker sets variables only

// programVersion returns the version of the package or of the module, or the commit that it was
// built from.
func programVersion() string {
	if linked != "" {
		return linked
	}
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return "unknown"
	}
	version := info.Main.Version
	if version == "" || version == "(devel)" {
		version = "devel"
		for _, s := range info.Settings {
			if s.Key == "vcs.revision" {
				version = "devel-" + s.Value[:min(12, len(s.Value))]
			}
		}
	}
	return version
}
