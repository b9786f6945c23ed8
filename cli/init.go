package cli

import (
	"cmp"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"slices"

	"github.com/chaosrun/chaosrun/campaign"
	"github.com/chaosrun/chaosrun/harness"
	"github.com/chaosrun/chaosrun/internal/scaffold"
	"github.com/chaosrun/chaosrun/scenarios"
	"github.com/chaosrun/chaosrun/targets"
)

type initCmd struct {
	Dir string `arg:"" optional:"" default:"." help:"The project. Default: the current folder."`

	From    string `placeholder:"TARGET" xor:"form" help:"Copy a shipped target and its worker, to be edited; with --gateway, print the configuration in its syntax. See: list targets."`
	Gateway string `placeholder:"URL" help:"A target file for a gateway that runs already, and the lines for its configuration: --gateway http://127.0.0.1:8080/v1."`
	Python  bool   `xor:"form" help:"A pytest suite around an engine in Python."`
	Node    bool   `xor:"form" help:"A suite for node:test around an engine in JavaScript or TypeScript."`
	Go      bool   `xor:"form" help:"A Go test around an engine in Go."`

	Name      string `placeholder:"NAME" help:"Folder of the files, and name of the target. Default: failover, my-gateway, or my-TARGET."`
	CI        string `name:"ci" default:"github" enum:"github,gitlab,none" help:"Pipeline: github, gitlab or none. Default: github."`
	Protocol  string `placeholder:"NAME" help:"What the clients and the providers of --gateway speak. Default: openai-chat."`
	Model     string `placeholder:"NAME" help:"The model that clients ask --gateway for. Default: primary."`
	Listen    string `placeholder:"HOST:PORT" help:"Where the first provider of --gateway listens; the second has the next free port. Default: 127.0.0.1:4010."`
	Advertise string `placeholder:"HOST" help:"The name under which --gateway reaches this machine: --advertise host.docker.internal from a container. Default: that of --listen."`
	Force     bool   `help:"Overwrite files that exist already."`
}

// Help returns the text below the flags.
func (initCmd) Help() string {
	return `Examples:
  chaosrun init
  chaosrun init --python
  chaosrun init --from litellm-router
  chaosrun init --gateway http://127.0.0.1:8080/v1
  chaosrun init --gateway http://127.0.0.1:4000/v1 --from litellm-proxy

Without a form it looks at the folder: go.mod, pyproject.toml, requirements.txt, setup.py, package.json. It asks
nothing, and overwrites nothing unless --force says so. The pipeline runs the scenarios with the tag core, and
your own, against your engine.`
}

// Run plans the files, writes all of them or none, and prints the next steps.
func (i *initCmd) Run(c console) error {
	form, why, err := i.form()
	if err != nil {
		return err
	}
	s := scaffold.Start{
		Form: form, Name: i.Name, Version: programVersion(), CI: i.CI,
		ScenarioSchema: scenarios.Schema(), TargetSchema: targets.Schema(),
	}
	if err := i.describe(c, &s); err != nil {
		return err
	}
	plan, err := scaffold.Begin(i.Dir, s)
	if err != nil {
		return err
	}
	if i.Force {
		plan = plan.Overwrite(i.Dir)
	}
	if err := plan.Write(i.Dir); err != nil {
		if as[*scaffold.ExistsError](err) {
			return fmt.Errorf("%w: nothing was written; --force overwrites, --name chooses another folder, and --ci "+
				"none leaves the pipeline out", err)
		}
		return err
	}
	if why != "" {
		c.say("%s: this is --%s\n", why, form)
	}
	i.print(c, plan)
	return nil
}

// form returns the form of the files, and why it was chosen if no flag says so.
func (i *initCmd) form() (form scaffold.Form, why string, err error) {
	switch {
	case i.Gateway != "":
		if i.Python || i.Node || i.Go {
			return "", "", usage("--gateway is a form of its own: leave --python, --node and --go out")
		}
		return scaffold.Running, "", nil
	case i.Listen+i.Advertise+i.Model+i.Protocol != "":
		return "", "", usage("--listen, --advertise, --model and --protocol belong to --gateway URL")
	case i.From != "":
		return scaffold.Copy, "", nil
	case i.Python:
		return scaffold.Python, "", nil
	case i.Node:
		return scaffold.Node, "", nil
	case i.Go:
		return scaffold.Go, "", nil
	}
	return i.recognise()
}

// recognise looks at the folder.
func (i *initCmd) recognise() (scaffold.Form, string, error) {
	found := map[scaffold.Form]string{}
	var forms []scaffold.Form
	for _, mark := range []struct {
		file string
		form scaffold.Form
	}{
		{"go.mod", scaffold.Go},
		{"pyproject.toml", scaffold.Python},
		{"requirements.txt", scaffold.Python},
		{"setup.py", scaffold.Python},
		{"package.json", scaffold.Node},
	} {
		if _, err := os.Stat(filepath.Join(i.Dir, mark.file)); err == nil && found[mark.form] == "" {
			found[mark.form] = mark.file
			forms = append(forms, mark.form)
		}
	}
	if len(forms) == 1 {
		return forms[0], found[forms[0]], nil
	}
	said := "has none of go.mod, pyproject.toml, requirements.txt, setup.py and package.json"
	if len(forms) > 1 {
		said = fmt.Sprintf("has %s and %s", found[forms[0]], found[forms[1]])
	}
	return "", "", usage(`%s %s: say which form
  --python, --node, --go   a test around an engine of your own
  --gateway URL            a gateway that runs already
  --from TARGET            a copy of a shipped target: litellm-router, openai-node, portkey, … (chaosrun list targets)`,
		cmp.Or(i.Dir, "."), said)
}

// describe completes what the form needs of targets.
func (i *initCmd) describe(c console, s *scaffold.Start) error {
	s.Gateway = scaffold.Gateway{
		URL: i.Gateway, Protocol: i.Protocol, Model: i.Model, Listen: i.Listen, Advertise: i.Advertise,
	}
	if i.Protocol != "" {
		if _, ok := c.Vocabulary.Protocol(i.Protocol); !ok {
			return usage("--protocol %q: no such protocol%s", i.Protocol,
				campaign.DidYouMean(i.Protocol, c.Vocabulary.ProtocolNames()))
		}
	}
	if slices.Contains(c.Outside.Names(), i.Name) || c.isEngine(i.Name) {
		return usage("--name %s: a target of that name ships with %s", i.Name, c.Program)
	}
	if i.From == "" {
		if s.Form == scaffold.Running {
			s.Gateway.Known = c.gateways()
		}
		return nil
	}
	files, err := c.Outside.Files(i.From)
	if err != nil {
		return err //nolint:wrapcheck // its text is for the user
	}
	t, err := c.target(i.From)
	if err != nil {
		return err
	}
	s.Shipped = scaffold.Shipped{Name: t.Name, Kind: string(t.Kind), Files: files, Installs: t.Packages.Kinds()}
	if t.Kind == targets.Gateway && t.Start != nil {
		s.Shipped.Configure = configure(t)
	}
	return nil
}

// configure returns the function that configures a shipped gateway.
func configure(t *targets.Target) func(string, []scaffold.Upstream) (scaffold.Configured, error) {
	return func(gateway string, upstreams []scaffold.Upstream) (scaffold.Configured, error) {
		u, err := url.Parse(gateway)
		if err != nil {
			return scaffold.Configured{}, err
		}
		var chain []harness.Upstream
		for _, u := range upstreams {
			chain = append(chain, harness.Upstream{
				Name: u.Name, Protocol: t.Protocols[0], URL: u.Origin, BaseURL: u.BaseURL, Key: u.Key, Model: u.Model,
			})
		}
		c, err := t.Configure(u, chain)
		return scaffold.Configured{Files: c.Files, Protocol: c.Protocol, Model: c.Model, Headers: c.Headers}, err
	}
}
