package target

import "runtime/debug"

// SDKVersions returns the versions of the vendors' SDKs in this binary, by short name.
func SDKVersions() map[string]string {
	versions := map[string]string{}
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return versions
	}
	names := map[string]string{
		"github.com/openai/openai-go/v3":         "openai-go",
		"github.com/anthropics/anthropic-sdk-go": "anthropic-sdk-go",
		"google.golang.org/genai":                "go-genai",
	}
	for _, dep := range info.Deps {
		if name, ok := names[dep.Path]; ok {
			versions[name] = dep.Version
		}
	}
	return versions
}
