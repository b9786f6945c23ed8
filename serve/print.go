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
		for _, v := range one.protocol.About().Environment(one.url, "sk-"+one.name+"-0123456789abcdef") {
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
	fmt.Fprintf(w, "# admin API: GET /v1/providers /v1/journal /v1/timeline /metrics, PUT "+
		"/v1/providers/NAME/on_request, POST /v1/reset\n"+
		"export CHAOSRUN_ADMIN_URL=http://%s\nexport CHAOSRUN_ADMIN_TOKEN=%s\n\n# Ctrl-C ends it.\n", p.admin.Addr(),
		quoted(p.o.Token))
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

// quoted is a word that a shell takes as it is.
func quoted(word string) string {
	if strings.Trim(word, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_./:-") == "" {
		return word
	}
	return "'" + strings.ReplaceAll(word, "'", `'\''`) + "'"
}
