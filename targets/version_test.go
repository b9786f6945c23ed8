package targets

import (
	"os"
	"path/filepath"
	"testing"
)

func TestInstalledVersion(t *testing.T) {
	home := t.TempDir()
	t.Setenv(HomeVariable, home)
	dir := filepath.Join(home, "targets", "x")
	for file, text := range map[string]string{
		"venv/lib/python3.12/site-packages/my_router-1.108.7.dist-info/METADATA": "",
		"venv/lib/python3.12/site-packages/my_router_extra-2.0.dist-info/RECORD": "",
		"node_modules/@scope/gw/package.json":                                    `{"version": "3.2.1"}`,
		"src/go.mod": "module x\n\nrequire example.com/core v1.4.0\n" +
			"require (\n\texample.com/core/more v1.5.0 // indirect\n)\n",
		"lib/router-core-9.9.9.jar": "", "lib/router-2.4.0-beta1.jar": "",
	} {
		path := filepath.Join(dir, filepath.FromSlash(file))
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for want, v := range map[string]Version{
		"1.108.7": {Pip: "My.Router"}, "2.0": {Pip: "my-router-extra"}, "3.2.1": {Npm: "@scope/gw"},
		"1.4.0": {Go: "example.com/core"}, "1.5.0": {Go: "example.com/core/more"},
		"2.4.0-beta1": {Maven: "org.x:router"}, "": {Pip: "router"},
	} {
		target := &Target{Name: "x", Dir: t.TempDir(), Version: v}
		if got := target.installedVersion(); got != want {
			t.Errorf("%+v: got %q, want %q", v, got, want)
		}
	}
}

func TestFirstVersion(t *testing.T) {
	for text, want := range map[string]string{
		"LiteLLM: Current Version = 1.108.7\n": "1.108.7", "v22.22.2": "22.22.2", "gw 2.0.0-rc.1 (linux)": "2.0.0-rc.1",
		"none": "", "Python 3.12.": "3.12",
	} {
		if got := firstVersion([]byte(text)); got != want {
			t.Errorf("%q: got %q, want %q", text, got, want)
		}
	}
}
