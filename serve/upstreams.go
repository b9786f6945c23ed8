package serve

import (
	"net"
	"net/url"
	"os"
	"strconv"

	"github.com/chaosrun/chaosrun/internal/strictyaml"
	"github.com/chaosrun/chaosrun/scenarios"
)

// upstream is one entry of a target file's `upstreams`.
type upstream struct {
	Listen    string `yaml:"listen"`
	Advertise string `yaml:"advertise"`
	Protocol  string `yaml:"protocol"`
}

// targetKeys are the keys of a target file.
func targetKeys() []string {
	return []string{"target", "kind", "start", "call", "upstreams", "select", "settings", "limits", "between_runs", "speed_up"}
}

// readUpstreams reads the upstreams of a target file. The rest of the file describes an engine,
// which is not started here.
func readUpstreams(words *scenarios.Vocabulary, file string) ([]upstream, error) {
	data, err := os.ReadFile(file)
	if err != nil {
		return nil, usage("%v", err)
	}
	doc, err := strictyaml.Parse(file, data)
	if err != nil {
		return nil, err //nolint:wrapcheck // Problems
	}
	root := doc.Root()
	for _, f := range root.Fields() {
		known := false
		for _, key := range targetKeys() {
			known = known || key == f.Name
		}
		if !known {
			f.Key.ReportUnknown("key", f.Name, targetKeys())
		}
	}
	if s, ok := root.Field("select"); ok {
		if how, ok := s.Value.OneOf("way to select", []string{"port", "model", "key"}); ok && how != "port" {
			s.Value.Report("serve gives every upstream a port of its own, so only `select: port` can be served")
		}
	}
	var upstreams []upstream
	if f, ok := root.Field("upstreams"); ok {
		f.Value.Decode(&upstreams)
		checkUpstreams(words.ProtocolNames(), f.Value, upstreams)
	}
	if len(upstreams) == 0 && !root.Reported() {
		root.FieldNode("upstreams").Report("the target has no upstreams, so there is nothing to serve: write " +
			"`upstreams: [{listen: 127.0.0.1:4010, protocol: openai-chat}]`")
	}
	if err := doc.Err(); err != nil {
		return nil, err //nolint:wrapcheck // Problems
	}
	return upstreams, nil
}

func checkUpstreams(protocols []string, list *strictyaml.Node, upstreams []upstream) {
	taken := map[string]bool{}
	for i, u := range upstreams {
		item := list.Items()[i]
		if item.Reported() {
			continue
		}
		host, port, err := net.SplitHostPort(u.Listen)
		number, notANumber := strconv.ParseUint(port, 10, 16)
		switch at := item.FieldNode("listen"); {
		case u.Listen == "":
			at.Report("the upstream does not say where to listen: write `listen: 127.0.0.1:4010`")
		case err != nil || notANumber != nil:
			at.Report("%q is no address: write HOST:PORT, as in 127.0.0.1:4010", u.Listen)
		case host == "":
			at.Report("%q would listen on every address of the machine: write 127.0.0.1%s, or 0.0.0.0%s if that is meant", u.Listen, u.Listen, u.Listen)
		case number != 0 && taken[u.Listen]:
			at.Report("another upstream listens on %s already", u.Listen)
		}
		taken[u.Listen] = true
		if _, given := item.Field("protocol"); given {
			item.FieldNode("protocol").OneOf("protocol", protocols)
		}
		if _, given := item.Field("advertise"); given {
			if parsed, err := url.Parse(u.Advertise); err != nil || parsed.Host == "" || (parsed.Scheme != "http" && parsed.Scheme != "https") {
				item.FieldNode("advertise").Report("%q is no URL: write it like http://host.docker.internal:4010", u.Advertise)
			}
		}
	}
}
