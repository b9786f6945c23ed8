package archtest_test

import (
	"fmt"
	"slices"
	"strings"
)

const module = "github.com/chaosrun/chaosrun"

// A room is a folder with the packages below it.
type room struct {
	// path is relative to the root of the module.
	path string
	// mayKnow lists the rooms that the code may import besides itself. Tests may import any room.
	mayKnow []string
	// because is the reason for the limits.
	because string
}

// rooms returns all rooms. A package belongs to the room with the longest matching path.
func rooms() []room {
	return []room{
		{
			path:    "timeline",
			because: "it is a leaf: a stored timeline must stay readable without any other package",
		},
		{
			path: "fakeprovider", mayKnow: []string{"timeline", "fakeprovider/internal/sse"},
			because: "the stage must not know the engine that it tests, nor how it will be judged, nor which faults " +
				"and protocols there are",
		},
		{
			path: "fakeprovider/fault", mayKnow: []string{"timeline", "fakeprovider/internal/sse", "fakeprovider"},
			because: "a fault acts on the stage through its interfaces, and works over every protocol",
		},
		{
			path: "fakeprovider/protocol", mayKnow: []string{"fakeprovider/internal/sse", "fakeprovider"},
			because: "a protocol is one vendor's wire, whatever is played over it",
		},
		{
			path:    "fakeprovider/internal/rig",
			mayKnow: []string{"fakeprovider", "fakeprovider/protocol", "serve", "timeline", "internal/memnet"},
			because: "it is for the tests of the fake providers, and looks at any fault from outside",
		},
		{
			path:    "fakeprovider/sdktest",
			because: "it has tests only",
		},
		{
			path:    "fakeprovider/internal/sse",
			because: "it parses lines, headers and JSON texts, and knows nothing of providers",
		},
		{
			path: "failover", mayKnow: []string{"internal/strictyaml"},
			because: "the built-in engine has to be tested like any other engine",
		},
		{
			path: "failover/target", mayKnow: []string{"failover", "campaign", "harness"},
			because: "it puts the built-in engine under test like any other engine, and judges nothing",
		},
		{
			path: "campaign", mayKnow: []string{
				"harness", "scenarios", "assertions", "reports", "timeline", "fakeprovider", "internal/atomicfile",
				"internal/readfile", "internal/strictyaml",
			},
			because: "it works for any engine, and knows no policy and no command line: a variant brings its factory",
		},
		{
			path: "cli", mayKnow: []string{
				"campaign", "scenarios", "harness", "assertions", "reports", "serve", "targets", "internal/atomicfile",
				"internal/doctor", "internal/overlay", "internal/process", "internal/proctime", "internal/readfile",
				"internal/scaffold", "internal/strictyaml",
			},
			because: "it holds flags and printing only, for any engine: what a subcommand does is in a room that Go " +
				"users can call",
		},
		{
			path: "assertions", mayKnow: []string{"timeline", "internal/strictyaml"},
			because: "an expectation is a pure function of the timeline",
		},
		{
			path: "reports", mayKnow: []string{"assertions", "timeline"},
			because: "a report is a pure function of its data, so that a stored one can be rendered again",
		},
		{
			path:    "reports/interop",
			because: "it has tests only, with readers that the core must not require",
		},
		{
			path: "scenarios", mayKnow: []string{
				"assertions", "fakeprovider", "fakeprovider/fault", "fakeprovider/protocol", "timeline",
				"internal/strictyaml",
			},
			because: "a scenario says what happens and what must hold, for every engine, in every world",
		},
		{
			path: "harness", mayKnow: []string{
				"scenarios", "assertions", "fakeprovider", "fakeprovider/protocol", "timeline", "internal/bubble",
				"internal/memnet", "internal/proctime",
			},
			because: "the built-in engine is a target like any other, and the harness ends at the judgement",
		},
		{
			path: "harness/harnesstest", mayKnow: []string{
				"harness", "harness/caller", "scenarios", "assertions", "fakeprovider", "fakeprovider/fault",
				"fakeprovider/protocol", "timeline",
			},
			because: "its engines and its suite look at a target from outside, as a user's tests do, and need no " +
				"vendor's SDK",
		},
		{
			path: "harness/caller", mayKnow: []string{"harness", "fakeprovider", "fakeprovider/protocol"},
			because: "it reads an answer as a vendor's SDK does, whoever gave it, and judges nothing",
		},
		{
			path: "harness/gateway", mayKnow: []string{"harness", "harness/caller", "fakeprovider/protocol"},
			because: "it serves a gateway and calls it, and judges nothing",
		},
		{
			path: "targets", mayKnow: []string{
				"harness", "harness/caller", "campaign", "scenarios", "assertions", "timeline", "targets/worker",
				"internal/atomicfile", "internal/process", "internal/readfile", "internal/strictyaml",
			},
			because: "it puts engines of other processes under test like any other engine, and judges nothing",
		},
		{
			path:    "targets/worker",
			because: "it is copied into other modules, and builds there without anything of this one",
		},
		{
			path:    "scenarios/suite",
			because: "it has tests only",
		},
		{
			path: "serve", mayKnow: []string{
				"scenarios", "fakeprovider", "fakeprovider/protocol", "timeline", "internal/atomicfile",
				"internal/strictyaml",
			},
			because: "it serves providers without an engine, and judges nothing",
		},
		{
			path: "internal", mayKnow: []string{"internal"},
			because: "internal packages are tools that know nothing of LLM providers",
		},
		{
			path: "cmd", mayKnow: []string{"campaign", "cli", "failover/target", "targets"},
			because: "the command is package cli with the built-in engine and the target files that ship",
		},
		{
			path: "packages", mayKnow: []string{"internal/atomicfile"},
			because: "it packs the command that the go command builds, and knows nothing of it",
		},
		{path: "docs", mayKnow: everything, because: "its tests compile the examples of the pages"},
	}
}

// everything allows to import any room.
var everything = []string{"*"}

// A ban forbids an external package.
type ban struct {
	// pkg is an import path. Packages below it are banned too, except those in except.
	pkg string
	// tests extends the ban to tests.
	tests bool
	// except lists allowed import paths below pkg. rooms lists the rooms that may import pkg.
	except, rooms []string
	because       string
}

// noSDK is the reason why the core requires no vendor's SDK.
const noSDK = "to test an engine must not change the SDKs that it is built with"

// sdkRooms returns the modules that require the vendors' SDKs.
func sdkRooms() []string { return []string{"failover", "fakeprovider/sdktest", "scenarios/suite"} }

// bans returns all bans.
func bans() []ban {
	return []ban{
		{
			pkg: "github.com/stretchr/testify", tests: true,
			because: "cmp.Diff in tables and Gomega in suites are enough",
		},
		{
			pkg: "math/rand", tests: true, except: []string{"math/rand/v2"}, rooms: []string{"cmd", "failover/target"},
			because: "chance comes from the run's seed through math/rand/v2; only who has to seed the SDKs' jitter " +
				"may touch the global source",
		},
		{
			pkg: "github.com/onsi/ginkgo/v2", rooms: []string{"harness/harnesstest"},
			because: "Ginkgo registers flags in every program that imports it",
		},
		{
			pkg: "github.com/onsi/gomega", except: []string{"github.com/onsi/gomega/types"},
			rooms:   []string{"harness/harnesstest"},
			because: "only its matcher interface is part of the API; a failing Expect in a bubble ends the process",
		},
		{
			pkg: "testing", except: []string{"testing/fstest"},
			rooms:   []string{"internal/bubble", "harness", "fakeprovider/internal/rig"},
			because: "virtual time lives behind internal/bubble, and no API wants a *testing.T",
		},
		{pkg: "github.com/openai/openai-go", tests: true, rooms: sdkRooms(), because: noSDK},
		{pkg: "github.com/anthropics/anthropic-sdk-go", tests: true, rooms: sdkRooms(), because: noSDK},
		{pkg: "google.golang.org/genai", tests: true, rooms: sdkRooms(), because: noSDK},
		{pkg: "pgregory.net/rapid", because: "property tests are tests"},
		{pkg: "net/http/httptest", because: "the worlds own their networks"},
	}
}

// A pkg is a package in the output of `go list -json`.
type pkg struct {
	ImportPath   string   `json:"ImportPath"`
	Imports      []string `json:"Imports"`
	TestImports  []string `json:"TestImports"`
	XTestImports []string `json:"XTestImports"`
}

// violations returns all violations of the rules, one sentence each.
func violations(pkgs []pkg) []string {
	var found []string
	for _, p := range pkgs {
		path := strings.TrimPrefix(strings.TrimPrefix(p.ImportPath, module), "/")
		if path == "" {
			continue // the root has no code
		}
		own, ok := roomOf(path)
		if !ok {
			found = append(found, path+" belongs to no room: say in rooms() what it may know, and why")
			continue
		}
		for _, imported := range p.Imports {
			if !own.admits(imported) {
				found = append(found, fmt.Sprintf("%s imports %s, but %s", path, imported, own.because))
			}
		}
		found = append(found, banned(path, p)...)
	}
	return found
}

func banned(path string, p pkg) []string {
	var found []string
	for _, b := range bans() {
		imports := slices.Clone(p.Imports)
		if b.tests {
			imports = slices.Concat(imports, p.TestImports, p.XTestImports)
		}
		if slices.ContainsFunc(b.rooms, func(r string) bool { return within(path, r) }) {
			continue
		}
		slices.Sort(imports)
		for _, imported := range slices.Compact(imports) {
			excepted := slices.ContainsFunc(b.except, func(e string) bool { return within(imported, e) })
			if within(imported, b.pkg) && !excepted {
				found = append(found, fmt.Sprintf("%s imports %s, but %s", path, imported, b.because))
			}
		}
	}
	return found
}

// admits reports whether the room's code may import a package. External packages are always
// allowed; bans cover them.
func (r room) admits(imported string) bool {
	path, ours := strings.CutPrefix(imported, module+"/")
	if !ours || slices.Equal(r.mayKnow, everything) {
		return true
	}
	other, _ := roomOf(path)
	return other.path == r.path && r.path != "" || slices.ContainsFunc(r.mayKnow, func(known string) bool {
		return within(path, known) && len(other.path) <= len(known) // a room below it is separate
	})
}

// roomOf returns the room with the longest path that covers a package.
func roomOf(path string) (found room, ok bool) {
	for _, r := range rooms() {
		if within(path, r.path) && len(r.path) > len(found.path) {
			found, ok = r, true
		}
	}
	return found, ok
}

// within reports whether path is root or lies below it.
func within(path, root string) bool {
	return path == root || strings.HasPrefix(path, root+"/")
}
