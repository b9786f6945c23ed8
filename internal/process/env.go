package process

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"runtime"
	"slices"
)

// CleanEnv returns an environment without the user's settings: no API keys, no proxies, no
// configuration in a home folder. HOME, TMPDIR and the XDG folders are below home, which is
// created. PATH and VIRTUAL_ENV come from this process, and the locale is C.UTF-8. extra is added
// last, and wins.
func CleanEnv(home string, extra map[string]string) ([]string, error) {
	all := map[string]string{
		"HOME": home, "LANG": "C.UTF-8", "TMPDIR": filepath.Join(home, "tmp"),
		"XDG_CACHE_HOME": filepath.Join(home, ".cache"), "XDG_CONFIG_HOME": filepath.Join(home, ".config"),
		"XDG_DATA_HOME":   filepath.Join(home, ".local", "share"),
		"XDG_STATE_HOME":  filepath.Join(home, ".local", "state"),
		"XDG_RUNTIME_DIR": filepath.Join(home, "run"),
	}
	for _, name := range []string{"TMPDIR", "XDG_RUNTIME_DIR"} { // the others are created by who needs them
		if err := os.MkdirAll(all[name], 0o700); err != nil {
			return nil, fmt.Errorf("process: the scratch home: %w", err)
		}
	}
	kept := []string{"PATH", "VIRTUAL_ENV"}
	if runtime.GOOS == "windows" { // without these no program starts there
		kept = append(kept, "SYSTEMROOT", "SYSTEMDRIVE", "COMSPEC", "PATHEXT", "NUMBER_OF_PROCESSORS")
		all["USERPROFILE"], all["APPDATA"], all["LOCALAPPDATA"] = home, filepath.Join(home, ".config"),
			filepath.Join(home, ".cache")
		all["TEMP"], all["TMP"] = all["TMPDIR"], all["TMPDIR"]
	}
	for _, name := range kept {
		if value, ok := os.LookupEnv(name); ok {
			all[name] = value
		}
	}
	maps.Copy(all, extra)
	env := make([]string, 0, len(all))
	for _, name := range slices.Sorted(maps.Keys(all)) {
		env = append(env, name+"="+all[name])
	}
	return env, nil
}
