package main

import (
	"fmt"
	"runtime"
	"slices"
	"strings"
)

// A platform is an operating system and a processor that the command is built for.
type platform struct {
	// goos and goarch are the names of the go command.
	goos, goarch string
	// wheelTag is the platform tag of the wheel: tags that share one file, joined by dots. The
	// binary is static, so every Linux is one: glibc (manylinux) and musl (musllinux) alike.
	// https://packaging.python.org/en/latest/specifications/platform-compatibility-tags/
	wheelTag string
	// npmOS and npmCPU are the values of process.platform and process.arch.
	// https://docs.npmjs.com/cli/configuring-npm/package-json#os
	npmOS, npmCPU string
}

// allPlatforms returns every platform that packages are built for, those of `.ci/run cross`. Go
// needs macOS 12 and Windows 10; a wheel's tag for macOS names 11.0, the first on arm64.
func allPlatforms() []platform {
	return []platform{
		{"linux", "amd64", "manylinux_2_17_x86_64.manylinux2014_x86_64.musllinux_1_1_x86_64", "linux", "x64"},
		{"linux", "arm64", "manylinux_2_17_aarch64.manylinux2014_aarch64.musllinux_1_1_aarch64", "linux", "arm64"},
		{"darwin", "amd64", "macosx_11_0_x86_64", "darwin", "x64"},
		{"darwin", "arm64", "macosx_11_0_arm64", "darwin", "arm64"},
		{"windows", "amd64", "win_amd64", "win32", "x64"},
	}
}

// String returns the name that the flag --platform takes.
func (p platform) String() string { return p.goos + "/" + p.goarch }

// binary returns the file name of the command.
func (p platform) binary() string {
	if p.goos == "windows" {
		return "chaosrun.exe"
	}
	return "chaosrun"
}

// native is the name of the platform that this program runs on.
const native = "native"

// platformsNamed returns the platforms of these names, or all of them.
func platformsNamed(names []string) ([]platform, error) {
	all := allPlatforms()
	if len(names) == 0 {
		return all, nil
	}
	var found []platform
	for _, name := range names {
		if name == native {
			name = runtime.GOOS + "/" + runtime.GOARCH
		}
		i := slices.IndexFunc(all, func(p platform) bool { return p.String() == name })
		if i < 0 {
			return nil, fmt.Errorf("--platform %s: there is none; %s or one of %s", name, native, joined(all))
		}
		found = append(found, all[i])
	}
	return found, nil
}

// joined returns the names of things, separated by commas.
func joined[T fmt.Stringer](all []T) string {
	names := make([]string, len(all))
	for i, x := range all {
		names[i] = x.String()
	}
	return strings.Join(names, ", ")
}
