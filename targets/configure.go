package targets

import (
	"fmt"
	"io/fs"
	"net/url"
	"path"
	"slices"

	"github.com/chaosrun/chaosrun/harness"
)

// A Configuration is what a gateway is configured with, and what its clients then send. Its
// templates are filled in.
type Configuration struct {
	// Files are the configuration files, by name.
	Files map[string]string
	// Protocol, Model and Headers are those of the clients' calls.
	Protocol, Model string
	Headers         map[string]string
}

// Configure returns the configuration of a gateway that somebody else has started at that URL, an
// origin, with the providers at upstreams and the target's settings. The target must be of the kind
// [Gateway] and have a Start.
func (t *Target) Configure(gateway *url.URL, upstreams []harness.Upstream) (Configuration, error) {
	if t.Kind != Gateway || t.Start == nil {
		return Configuration{}, usage("%s is no gateway that can be configured", t.Name)
	}
	v := t.values(t.Settings, upstreams)
	v.url, v.port = gateway.Scheme+"://"+gateway.Host, gateway.Port()
	c := Configuration{Files: map[string]string{}, Headers: map[string]string{}, Protocol: t.Call.Protocol}
	var err error
	if c.Model, err = v.expand(t.Call.Model); err != nil {
		return c, fmt.Errorf("call.model: %w", err)
	}
	for name, text := range t.Call.Headers {
		if c.Headers[name], err = v.expandEnv(text); err != nil {
			return c, fmt.Errorf("call.headers.%s: %w", name, err)
		}
	}
	for name, f := range t.Start.Files {
		if c.Files[name], err = v.file(name, f); err != nil {
			return c, err
		}
	}
	return c, nil
}

// Files returns the files in the folder of a shipped target, by name; go.mod and go.sum are called
// go.mod.txt and go.sum.txt. Folders below it are left out. The error is an *[UnknownError].
func (c Catalogue) Files(name string) (map[string][]byte, error) {
	if known := c.Names(); !slices.Contains(known, name) {
		return nil, &UnknownError{Name: name, Known: known}
	}
	entries, err := fs.ReadDir(c.files, name)
	if err != nil {
		return nil, err
	}
	files := map[string][]byte{}
	for _, e := range entries {
		if e.IsDir() {
			continue
		}
		if files[e.Name()], err = fs.ReadFile(c.files, path.Join(name, e.Name())); err != nil {
			return nil, err
		}
	}
	return files, nil
}
