package serve

import (
	"fmt"
	"io"
	"strings"

	"github.com/chaosrun/chaosrun/fakeprovider"
)

// Print writes where everything is, ready to be pasted into a shell. The plan has to listen.
func (p *Plan) Print(w io.Writer) {
	for _, one := range p.providers {
		fmt.Fprintf(w, "# %s: %s, %s\n", one.name, one.protocol.Name(), does(one.entries))
		for _, v := range environment(one.protocol.Name(), one.url, "sk-"+one.name+"-0123456789abcdef") {
			fmt.Fprintf(w, "export %s\n", v)
		}
		fmt.Fprintln(w)
	}
	if p.ca != "" {
		fmt.Fprintf(w, "# The certificate authority that clients have to trust: %s\n", p.ca)
		for _, name := range []string{"SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "NODE_EXTRA_CA_CERTS"} {
			fmt.Fprintf(w, "export %s=%s\n", name, quoted(p.ca))
		}
		fmt.Fprintln(w)
	}
	fmt.Fprintf(w, "# admin API: GET /v1/providers /v1/journal /v1/timeline /metrics, PUT /v1/providers/NAME/on_request, POST /v1/reset\n"+
		"export CHAOSRUN_ADMIN_URL=http://%s\nexport CHAOSRUN_ADMIN_TOKEN=%s\n\n# Ctrl-C ends it.\n", p.admin.Addr(), quoted(p.o.Token))
}

// does says in a few words what a provider does.
func does(entries []fakeprovider.Fault) string {
	var names []string
	for _, entry := range entries {
		names = append(names, fakeprovider.NameOf(entry))
	}
	if names == nil {
		return "healthy"
	}
	return strings.Join(names, ", then ")
}

// azureVersion is the latest version of Azure's data plane that is no preview, without which openai-python's AzureOpenAI does not start.
const azureVersion = "2024-10-21"

// environment is what the vendors' SDKs, and tools that are made from them, read. Bases differ: openai-python and openai-node want
// /v1 in theirs, Anthropic's and Google's SDKs add it themselves.
func environment(protocol, base, key string) []string {
	switch {
	case strings.HasPrefix(protocol, "anthropic"):
		return []string{"ANTHROPIC_BASE_URL=" + base, "ANTHROPIC_API_KEY=" + key}
	case strings.HasPrefix(protocol, "gemini"):
		return []string{"GOOGLE_GEMINI_BASE_URL=" + base, "GEMINI_API_KEY=" + key}
	case strings.HasPrefix(protocol, "azure"):
		return []string{"AZURE_OPENAI_ENDPOINT=" + base, "AZURE_OPENAI_API_KEY=" + key, "OPENAI_API_VERSION=" + azureVersion}
	case strings.HasPrefix(protocol, "openrouter"):
		return []string{"OPENAI_BASE_URL=" + base + "/api/v1", "OPENAI_API_KEY=" + key, "OPENROUTER_API_KEY=" + key}
	}
	return []string{"OPENAI_BASE_URL=" + base + "/v1", "OPENAI_API_KEY=" + key}
}

// quoted is a word that a shell takes as it is.
func quoted(word string) string {
	if strings.Trim(word, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_./:-") == "" {
		return word
	}
	return "'" + strings.ReplaceAll(word, "'", `'\''`) + "'"
}
