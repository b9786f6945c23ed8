package scaffold

import (
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/chaosrun/chaosrun/internal/atomicfile"
)

// ErrUsage reports arguments that cannot be carried out: an unknown kind, an invalid name, a file
// that exists.
var ErrUsage = errors.New("scaffold")

// usageError wraps ErrUsage without adding its text.
type usageError struct{ text string }

func (e *usageError) Error() string { return e.text }
func (e *usageError) Unwrap() error { return ErrUsage }

func usage(text string, args ...any) error { return &usageError{fmt.Sprintf(text, args...)} }

// An ExistsError says which new files exist already. It wraps [ErrUsage].
type ExistsError struct{ Paths []string }

// Error returns the message.
func (e *ExistsError) Error() string {
	if len(e.Paths) == 1 {
		return e.Paths[0] + " exists already"
	}
	return strings.Join(e.Paths, ", ") + " exist already"
}

// Unwrap returns [ErrUsage].
func (e *ExistsError) Unwrap() error { return ErrUsage }

// A Plan holds the files to write: contents by path, relative to the root, with slashes.
type Plan struct {
	// Files are the new files. Changed are existing files with new contents.
	Files, Changed map[string][]byte
	// Notes are sentences about what was planned.
	Notes []string
	// Paste is a text that belongs into a file of somebody else, such as the configuration of a
	// gateway. Default: none.
	Paste string
	// Next lists the next steps for the user, one per line.
	Next []string
}

// vacant returns an *[ExistsError] if a new file exists already.
func (p Plan) vacant(root string) error {
	var existing []string
	for _, path := range slices.Sorted(maps.Keys(p.Files)) {
		if _, err := os.Lstat(filepath.Join(root, filepath.FromSlash(path))); err == nil {
			existing = append(existing, path)
		}
	}
	if existing == nil {
		return nil
	}
	return &ExistsError{Paths: existing}
}

// Overwrite turns new files that exist already into changed ones.
func (p Plan) Overwrite(root string) Plan {
	files, changed := maps.Clone(p.Files), maps.Clone(p.Changed)
	if changed == nil {
		changed = map[string][]byte{}
	}
	for path, data := range p.Files {
		if _, err := os.Lstat(filepath.Join(root, filepath.FromSlash(path))); err == nil {
			changed[path] = data
			delete(files, path)
		}
	}
	p.Files, p.Changed = files, changed
	return p
}

// Write writes the planned files below root, which it makes if need be: all of them, or after an
// error none. New files that exist already are an *[ExistsError]. No file is there in part, even if
// the program is killed.
func (p Plan) Write(root string) (err error) {
	if err := p.vacant(root); err != nil {
		return err
	}
	var undo []func()
	defer func() {
		if err != nil {
			for _, f := range slices.Backward(undo) {
				f()
			}
		}
	}()
	var all []*draft
	for _, files := range []map[string][]byte{p.Files, p.Changed} {
		for _, path := range slices.Sorted(maps.Keys(files)) {
			name := filepath.Join(root, filepath.FromSlash(path))
			made, err := makeParents(name)
			undo = append(undo, made)
			if err != nil {
				return err
			}
			d, err := newDraft(name, files[path])
			if err != nil {
				return err
			}
			all, undo = append(all, d), append(undo, d.undo)
		}
	}
	for _, d := range all {
		if err := d.commit(); err != nil {
			return err
		}
	}
	return nil
}

// A draft is a file that is written, and not yet in its place.
type draft struct {
	name string
	file *atomicfile.File
	// old is what the file held before, and existed says that there was one.
	old       []byte
	existed   bool
	committed bool
}

func newDraft(name string, data []byte) (*draft, error) {
	old, err := os.ReadFile(name)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	d := &draft{name: name, old: old, existed: err == nil}
	if d.file, err = atomicfile.Create(name, 0o644); err != nil {
		return nil, err
	}
	_, _ = d.file.Write(data) // Commit returns the error
	return d, nil
}

func (d *draft) commit() error {
	err := d.file.Commit()
	d.committed = err == nil
	return err
}

// undo makes everything as it was before, as far as it can.
func (d *draft) undo() {
	switch {
	case !d.committed:
		_ = d.file.Discard() // it may be gone already
	case d.existed:
		_ = atomicfile.Write(d.name, d.old, 0o644)
	default:
		_ = os.Remove(d.name)
	}
}

// makeParents makes the folders above a file. undo removes those that it made.
func makeParents(name string) (undo func(), err error) {
	var missing []string // the innermost first
	for dir := filepath.Dir(name); ; dir = filepath.Dir(dir) {
		if _, err := os.Stat(dir); !errors.Is(err, fs.ErrNotExist) || dir == filepath.Dir(dir) {
			break
		}
		missing = append(missing, dir)
	}
	undo = func() {
		for _, dir := range missing {
			_ = os.Remove(dir) // unless somebody has put something into it
		}
	}
	return undo, os.MkdirAll(filepath.Dir(name), 0o755) //nolint:gosec // of source files
}
