package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
)

// npm is a stand-in for npm, with a registry of one package, whose versions are in an order of
// their own.
func npm() {
	err := errors.New("unknown command")
	switch args := os.Args[1:]; {
	case slices.Equal(args, []string{"view", "engine", "versions", "--json"}):
		fmt.Println(`["1.10.0", "0.9.0", "1.0.0", "1.1.0", "1.1.0-rc.1", "1.2.0"]`)
		err = nil
	case args[0] == "install":
		err = npmInstall()
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "npm ERR!", err)
		os.Exit(1) //nolint:revive // it is a program of its own
	}
}

// npmInstall installs the dependencies of the package.json in the current folder.
func npmInstall() error {
	var manifest struct {
		Dependencies map[string]string `json:"dependencies"`
	}
	data, err := os.ReadFile("package.json")
	if err == nil {
		err = json.Unmarshal(data, &manifest)
	}
	version := manifest.Dependencies["engine"]
	switch {
	case err != nil:
		return err
	case version == "6.6.6":
		return errors.New("no matching version")
	}
	dir := filepath.Join("node_modules", "engine")
	if err := os.MkdirAll(dir, 0o750); err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(dir, "package.json"), fmt.Appendf(nil, `{"version": %q}`, version), 0o600)
}

// release is a worker whose version is the one that is installed in the folder of its argument.
// Each version has a policy of its own.
func release() {
	var manifest struct {
		Version string `json:"version"`
	}
	data, err := os.ReadFile(filepath.Join(os.Args[1], "node_modules", "engine", "package.json"))
	if err == nil {
		err = json.Unmarshal(data, &manifest)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1) //nolint:revive // it is a program of its own
	}
	policy := map[string]string{
		"1.0.0": "recommended", "1.1.0": "hermes-proposed-fix", "1.2.0": "hermes-0.13",
	}[manifest.Version]
	if policy == "" {
		policy = "sdk-defaults"
	}
	os.Args = []string{"chaosrun", "worker", "--policy", policy}
	main()
}
