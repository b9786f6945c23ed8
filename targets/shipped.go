package targets

import (
	"bytes"
	"cmp"
	"embed"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/chaosrun/chaosrun/internal/atomicfile"
	"github.com/chaosrun/chaosrun/internal/strictyaml"
	"github.com/chaosrun/chaosrun/scenarios"
)

// shipped holds the folders of the engines that ship. A go.mod would exclude its folder, so it is
// called go.mod.txt here and renamed when the folder is used.
//
//go:embed ai-retry ai-sdk-fallback anthropic-go anthropic-node anthropic-python ax bifrost-core
//go:embed claude-code-router eino failsafe-go genai-go genkit-go haystack hedge-go
//go:embed hermes-agent-0.13 hermes-agent-0.18 hermes-agent-0.19 langchain-js langchain-python
//go:embed langchain4j litellm-proxy litellm-router litellm-router-guarded mastra openai-go
//go:embed openai-java openai-node openai-python portkey pydantic-ai running-gateway tensorzero
var shipped embed.FS

// targetFile is the name of the target file in a folder.
const targetFile = "target.yaml"

// A Catalogue is a set of targets that a program finds by name. The zero Catalogue is empty.
type Catalogue struct{ files fs.FS }

// Shipped returns the targets that ship. A program that does not call it is smaller.
func Shipped() Catalogue { return Catalogue{files: shipped} }

// Names returns the names of the targets, sorted.
func (c Catalogue) Names() []string {
	if c.files == nil {
		return nil
	}
	folders, err := fs.ReadDir(c.files, ".")
	if err != nil {
		return nil // an embedded file system can be read
	}
	var names []string
	for _, f := range folders {
		if _, err := fs.Stat(c.files, path.Join(f.Name(), targetFile)); err == nil {
			names = append(names, f.Name())
		}
	}
	return names
}

// All returns the targets, sorted by name, to be described: their files are not on disk.
// [Catalogue.Find] returns one that can be run.
func (c Catalogue) All(words *scenarios.Vocabulary) ([]*Target, error) {
	var all []*Target
	for _, name := range c.Names() {
		data, err := fs.ReadFile(c.files, path.Join(name, targetFile))
		if err != nil {
			return nil, err
		}
		t, err := load(words, path.Join("targets", name, targetFile), data,
			folder{read: func(file string) ([]byte, error) {
				return fs.ReadFile(c.files, path.Join(name, path.Clean(filepath.ToSlash(file))))
			}})
		if err != nil {
			return nil, fmt.Errorf("targets: a shipped target is wrong: %w", err)
		}
		all = append(all, t)
	}
	return all, nil
}

// An UnknownError says that there is no target of that name.
type UnknownError struct {
	Name string
	// Known are the names that there are.
	Known []string
}

// Error returns the message with a suggestion.
func (e *UnknownError) Error() string {
	text := fmt.Sprintf("no such target: %q", e.Name)
	if near := strictyaml.Nearest(e.Name, e.Known); near != "" {
		return text + fmt.Sprintf(" (did you mean %q?)", near)
	}
	return text + "; one of " + strings.Join(append(slices.Clone(e.Known), "the path of a target file"), ", ")
}

// Find returns the target of that name, or the newest of the family of that name. It writes the
// target's files into the folder src of its [Target.Home] first. The error is an *[UnknownError],
// or one of writing.
func (c Catalogue) Find(words *scenarios.Vocabulary, name string) (*Target, error) {
	if known := c.Names(); !slices.Contains(known, name) {
		family, err := c.Family(words, name)
		if err != nil || len(family) == 0 {
			return nil, cmp.Or[error](err, &UnknownError{Name: name, Known: known})
		}
		return family[len(family)-1], nil
	}
	dir := filepath.Join(homeOf(name), "src")
	if err := layOut(c.files, name, dir); err != nil {
		return nil, fmt.Errorf("the files of the target %s cannot be written: %w", name, err)
	}
	file := filepath.Join(dir, targetFile)
	data, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	return Load(words, file, data)
}

// layOut writes a shipped folder. It does not touch files that are equal, so that several programs
// may do this at once.
func layOut(files fs.FS, name, dir string) error {
	return fs.WalkDir(files, name, func(file string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		relative := strings.TrimPrefix(strings.TrimPrefix(file, name), "/")
		switch path.Base(relative) {
		case "go.mod.txt", "go.sum.txt":
			relative = strings.TrimSuffix(relative, ".txt")
		}
		to := filepath.Join(dir, filepath.FromSlash(relative))
		if entry.IsDir() {
			return os.MkdirAll(to, 0o750)
		}
		data, err := fs.ReadFile(files, file)
		if err != nil {
			return err
		}
		return replace(to, data)
	})
}

// replace writes a file in one step, unless it has that content already.
func replace(file string, data []byte) error {
	if have, err := os.ReadFile(file); err == nil && bytes.Equal(have, data) {
		return nil
	}
	return atomicfile.Write(file, data, 0o600)
}
