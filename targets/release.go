package targets

import (
	"bytes"
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"regexp"
	"slices"
	"strings"

	"github.com/chaosrun/chaosrun/internal/process"
)

// At returns the target with another version of its engine, under the name NAME-VERSION and with a
// home of its own. The lock only fits the version in the file, so other versions are installed
// without it; see [Target.Locked]. The error is a *[UsageError].
func (t *Target) At(version string) (*Target, error) {
	e, err := t.engine()
	if err != nil {
		return nil, err
	}
	if !exactVersion.MatchString(version) {
		return nil, usage("%q is not a version of %s: write it like %s", version, e.name, e.version)
	}
	at := *t
	at.Name = cmp.Or(t.Family, t.Name) + "-" + version
	at.release, at.home = version, at.Name
	if version == e.version {
		at.home = t.Name
		return &at, nil
	}
	at.Packages.Lock = ""
	at.Packages.Pip, at.Packages.Npm = slices.Clone(t.Packages.Pip), slices.Clone(t.Packages.Npm)
	e.in(&at.Packages)[e.index] = strings.TrimSuffix(e.text, e.version) + version
	sum := sha256.Sum256([]byte(t.SHA256 + " " + version))
	at.SHA256 = hex.EncodeToString(sum[:])
	return &at, nil
}

// Release returns the version that At chose, or "".
func (t *Target) Release() string { return t.release }

// Locked reports whether everything below the packages has an exact version too, so that another
// installation is the same.
func (t *Target) Locked() bool { return t.Packages.Lock != "" || t.Packages.Go != "" }

// An enginePackage is the package whose version is the engine's.
type enginePackage struct {
	// npm says that it is a package of Node. Default: of Python.
	npm bool
	// name, version and text are as in litellm, 1.108.7 and litellm[proxy]==1.108.7; index is its
	// position in the list.
	name, version, text string
	index               int
}

func (e enginePackage) in(i *Install) []string {
	if e.npm {
		return i.Npm
	}
	return i.Pip
}

// engine returns the package that `version` names, or the only one. The error is a *[UsageError].
func (t *Target) engine() (enginePackage, error) {
	var all []enginePackage
	for i, text := range t.Packages.Pip {
		name, version, _ := strings.Cut(text, "==")
		name, _, _ = strings.Cut(name, "[")
		all = append(all, enginePackage{name: name, version: version, text: text, index: i})
	}
	for i, text := range t.Packages.Npm {
		at := max(0, strings.LastIndexByte(text, '@'))
		all = append(all, enginePackage{
			npm: true, name: text[:at], version: strings.TrimPrefix(text[at:], "@"), text: text, index: i,
		})
	}
	if named := cmp.Or(t.Version.Pip, t.Version.Npm); named != "" {
		all = slices.DeleteFunc(all,
			func(e enginePackage) bool { return e.name != named || e.npm != (t.Version.Npm != "") })
	}
	if len(all) != 1 {
		return enginePackage{},
			usage("the target %s does not say which package has the engine's version: write `install: {pip: "+
				"[\"NAME==1.2.3\"]}` or `{npm: [\"NAME@1.2.3\"]}`, and `version: {pip: NAME}` if it installs several",
				t.Name)
	}
	return all[0], nil
}

// exactVersion matches a version of pip or npm, and no range.
var exactVersion = regexp.MustCompile(`^\d+(\.\d+)*[A-Za-z0-9.+_-]*$`)

// Releases returns the versions of the engine in its registry, oldest first, as `pip index
// versions` or `npm view` lists them. It needs python3 or npm, and the network, on the real clock.
// The error names the command, with its last lines of output.
func (t *Target) Releases(ctx context.Context, log io.Writer) ([]string, error) {
	e, err := t.engine()
	if err != nil {
		return nil, err
	}
	command := []string{python(), "-m", "pip", "index", "versions", e.name, "--disable-pip-version-check", "--no-input"}
	parse := pipReleases
	if e.npm {
		command, parse = []string{"npm", "view", e.name, "versions", "--json"}, npmReleases
	}
	var out, said bytes.Buffer
	fmt.Fprintf(log, "+ %s\n", strings.Join(command, " "))
	proc, err := process.Start(ctx, process.Options{
		Command: command, Env: os.Environ(), Stdout: &out, Stderr: &said, Stdin: strings.NewReader(""),
	})
	if err != nil {
		return nil, fmt.Errorf("%w: it is needed to list the versions of %s", err, e.name)
	}
	<-proc.Done()
	if err := cmp.Or(ctx.Err(), proc.Err()); err != nil {
		return nil, fmt.Errorf("%s: %w\n%s", strings.Join(command, " "), err,
			process.Cut(strings.TrimSpace(said.String()), 400))
	}
	all := parse(out.Bytes())
	if len(all) == 0 {
		return nil, fmt.Errorf("%s: it lists no versions", strings.Join(command, " "))
	}
	slices.SortStableFunc(all, compareVersions)
	return all, nil
}

// pipReleases reads the output of `pip index versions`.
func pipReleases(out []byte) []string {
	for line := range strings.Lines(string(out)) {
		if list, ok := strings.CutPrefix(strings.TrimSpace(line), "Available versions: "); ok {
			return strings.Split(list, ", ")
		}
	}
	return nil
}

// npmReleases reads the output of `npm view NAME versions --json`: a list, or one text.
func npmReleases(out []byte) []string {
	var all []string
	if json.Unmarshal(out, &all) == nil {
		return all
	}
	var one string
	if json.Unmarshal(out, &one) == nil && one != "" {
		return []string{one}
	}
	return nil
}
