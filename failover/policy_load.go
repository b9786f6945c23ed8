package failover

import (
	"embed"
	"errors"
	"fmt"
	"path"
	"slices"
	"strconv"
	"strings"

	"github.com/chaosrun/chaosrun/internal/strictyaml"
)

// shipped holds the policies that come with the engine, one per file, named after its policy.
//
//go:embed policies/*.yaml
var shipped embed.FS

// ErrNoPolicy reports that no policy of that name ships.
var ErrNoPolicy = errors.New("no such policy")

// PolicyNames returns the names of the shipped policies, sorted.
func PolicyNames() []string {
	entries, err := shipped.ReadDir("policies")
	if err != nil {
		panic(err) // the directory is part of the program
	}
	names := make([]string, len(entries))
	for i, entry := range entries {
		names[i] = strings.TrimSuffix(entry.Name(), ".yaml")
	}
	slices.Sort(names)
	return names
}

// Policies returns the shipped policies, sorted by name.
func Policies() []Policy {
	names := PolicyNames()
	policies := make([]Policy, len(names))
	for i, name := range names {
		policy, err := FindPolicy(name)
		if err != nil {
			panic(err) // a test loads them all
		}
		policies[i] = policy
	}
	return policies
}

// FindPolicy returns the shipped policy of that name, or [ErrNoPolicy].
func FindPolicy(name string) (Policy, error) {
	if !slices.Contains(PolicyNames(), name) {
		return Policy{}, fmt.Errorf("%w: %q", ErrNoPolicy, name)
	}
	file := path.Join("policies", name+".yaml")
	data, err := shipped.ReadFile(file)
	if err != nil {
		return Policy{}, err
	}
	return LoadPolicy(file, data)
}

// LoadPolicy reads a policy file; file is its name in errors. A key that is left out keeps the
// default of [NewPolicy], or the value of the shipped policy under `extends`. Lists and maps are
// replaced, not merged.
//
// The error lists every problem with line, column and caret: unknown keys, wrong units, and knobs
// that contradict one another.
func LoadPolicy(file string, data []byte) (Policy, error) {
	doc, err := strictyaml.Parse(file, data)
	if err != nil {
		return Policy{}, err
	}
	root := doc.Root()
	policy := NewPolicy()
	if base, ok := root.Field("extends"); ok {
		policy = baseOf(base.Value)
	}
	if root.Decode(&policy) && policy.Name == "" {
		root.FieldNode("policy").Report("a policy needs a name: `policy: my-engine`")
	}
	for _, p := range policy.problems() {
		node, found := nodeAt(root, p.path)
		if !found {
			node, _ = nodeAt(root, p.or)
		}
		node.Report("%s", p.why)
	}
	if err := doc.Err(); err != nil {
		return Policy{}, err
	}
	return policy, nil
}

// baseOf loads the policy that a file extends, without its title, why and issue.
func baseOf(n *strictyaml.Node) Policy {
	name, ok := n.OneOf("policy", PolicyNames())
	if !ok {
		return NewPolicy()
	}
	base, err := FindPolicy(name)
	if err != nil {
		n.Report("%v", err)
		return NewPolicy()
	}
	base.Name, base.Title, base.Why, base.Issue, base.Fails, base.Violates = "", "", "", "", nil, nil
	return base
}

// nodeAt returns the value under a path of keys and indices, and true. If the file lacks it,
// nodeAt returns its nearest ancestor in the file, and false.
func nodeAt(n *strictyaml.Node, keys []string) (node *strictyaml.Node, found bool) {
	for _, key := range keys {
		field, ok := n.Field(key)
		if i, err := strconv.Atoi(key); err == nil && n.Kind() == strictyaml.Sequence && i < len(n.Items()) {
			field.Value, ok = n.Items()[i], true
		}
		if !ok {
			return n, false
		}
		n = field.Value
	}
	return n, true
}
