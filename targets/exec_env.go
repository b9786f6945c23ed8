package targets

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/chaosrun/chaosrun/harness"
)

// UpstreamsVariable holds all providers as JSON: an array of objects with name, protocol, url,
// base_url, key and model, in the order of the chain.
const UpstreamsVariable = "CHAOSRUN_UPSTREAMS"

// Env returns the variables that the command gets besides the user's own, as NAME=value:
//
//   - NAME_URL, NAME_BASE_URL, NAME_API_KEY and NAME_MODEL for each provider, in capitals and with
//     underscores: PRIMARY_BASE_URL. The base URL is what the vendor's SDKs want, with /v1 for
//     OpenAI's.
//   - CHAOSRUN_UPSTREAMS, see [UpstreamsVariable].
//   - the variables that the vendors' SDKs read, such as OPENAI_BASE_URL and OPENAI_API_KEY. They
//     lead to the first provider that speaks the vendor's protocol.
//   - NO_PROXY with the loopback addresses, if the environment has a proxy.
func (e *Exec) Env(upstreams []harness.Upstream) []string {
	var env, known []string
	set := func(variable string) {
		name, _, _ := strings.Cut(variable, "=")
		if !slices.Contains(known, name) {
			known, env = append(known, name), append(env, variable)
		}
	}
	set(UpstreamsVariable + "=" + upstreamsJSON(upstreams))
	for _, u := range upstreams {
		name := variableName(u.Name)
		for _, v := range [][2]string{{"URL", u.URL}, {"BASE_URL", u.BaseURL}, {"API_KEY", u.Key}, {"MODEL", u.Model}} {
			set(name + "_" + v[0] + "=" + v[1])
		}
	}
	for _, variable := range harness.SDKEnv(e.words(), upstreams) {
		set(variable)
	}
	return append(env, e.noProxy()...)
}

// variableName returns a provider's name in the form that variables have.
func variableName(provider string) string {
	return strings.ToUpper(strings.ReplaceAll(provider, "-", "_"))
}

// whereabouts lists, in one line, the addresses and protocols of the providers.
func (e *Exec) whereabouts(upstreams []harness.Upstream) string {
	var all []string
	for _, u := range upstreams {
		all = append(all, fmt.Sprintf("%s_BASE_URL=%s (%s)", variableName(u.Name), u.BaseURL, u.Protocol))
	}
	return strings.Join(all, ", ")
}

// loopback lists the hosts that must not go through a proxy.
const loopback = "127.0.0.1,localhost"

// noProxy returns the variables that keep requests to the providers away from the user's proxy.
func (e *Exec) noProxy() []string {
	have, proxy := map[string]string{}, false
	for _, variable := range e.Environ {
		name, value, _ := strings.Cut(variable, "=")
		have[name] = value
		switch strings.ToLower(name) {
		case "http_proxy", "https_proxy", "all_proxy":
			proxy = proxy || value != ""
		}
	}
	if !proxy {
		return nil
	}
	var env []string
	for _, name := range []string{"NO_PROXY", "no_proxy"} {
		if old := have[name]; old != "" {
			env = append(env, name+"="+old+","+loopback)
			continue
		}
		env = append(env, name+"="+loopback)
	}
	return env
}

// upstreamsJSON returns the value of CHAOSRUN_UPSTREAMS.
func upstreamsJSON(upstreams []harness.Upstream) string {
	type upstream struct {
		Name     string `json:"name"`
		Protocol string `json:"protocol"`
		URL      string `json:"url"`
		BaseURL  string `json:"base_url"`
		Key      string `json:"key"`
		Model    string `json:"model"`
	}
	all := []upstream{}
	for _, u := range upstreams {
		all = append(all, upstream{u.Name, u.Protocol, u.URL, u.BaseURL, u.Key, u.Model})
	}
	data, err := json.Marshal(all)
	if err != nil {
		panic(err) // strings always have a JSON form
	}
	return string(data)
}
