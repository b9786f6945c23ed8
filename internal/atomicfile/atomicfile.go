package atomicfile

import (
	"crypto/rand"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
)

// A File is a file in the making. Nobody sees it before Commit, which takes the place of an older
// file in one step. It is not safe for concurrent use.
//
// Three kinds of files are written in place, because there is nothing to rename: pipes and devices,
// names below /dev, and a file in a folder that takes no further file.
type File struct {
	file *os.File
	// path is what the caller calls the file.
	path string
	// place is the final path, or "" if the file is written in place.
	place string
	// failed is the first error of Write.
	failed error
}

// Create begins a file. The new file has the permissions of the one that it replaces, or mode less
// the umask. A path that is a symbolic link stays one: the file that it leads to is replaced.
func Create(path string, mode fs.FileMode) (*File, error) {
	known, err := os.Stat(path) //nolint:gosec // the user names the file
	if err == nil && !known.Mode().IsRegular() || strings.HasPrefix(path, "/dev/") {
		return inPlace(path, mode)
	}
	place, err := resolve(path)
	if err != nil {
		return nil, err
	}
	beside := filepath.Join(filepath.Dir(place), ".chaosrun-"+rand.Text()+".part")
	file, err := os.OpenFile(beside, os.O_WRONLY|os.O_CREATE|os.O_EXCL, mode) //nolint:gosec // the caller's choice
	if errors.Is(err, fs.ErrPermission) || errors.Is(err, syscall.EROFS) {
		return inPlace(path, mode)
	}
	if err != nil {
		return nil, named(path, err)
	}
	if known != nil {
		if err := file.Chmod(known.Mode().Perm()); err != nil && !errors.Is(err, errors.ErrUnsupported) {
			f := File{file: file, path: path, place: place}
			return nil, errors.Join(named(path, err), f.Discard())
		}
	}
	return &File{file: file, path: path, place: place}, nil
}

func inPlace(path string, mode fs.FileMode) (*File, error) {
	file, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, mode) //nolint:gosec // the caller's choice
	if err != nil {
		return nil, err
	}
	return &File{file: file, path: path}, nil
}

// mostLinks is how many symbolic links a path may lead through, as on Linux.
const mostLinks = 40

// resolve follows the links at the end of a path. The last one may lead to a file that is not
// there.
func resolve(path string) (string, error) {
	for range mostLinks {
		//nolint:gosec // the user names the file
		if info, err := os.Lstat(path); err != nil || info.Mode()&fs.ModeSymlink == 0 {
			return path, nil //nolint:nilerr // opening it says what is wrong
		}
		to, err := os.Readlink(path)
		if err != nil {
			return "", err
		}
		if !filepath.IsAbs(to) {
			dir, _ := filepath.Split(path)
			if dir, err = filepath.EvalSymlinks(dir + "."); err != nil {
				return "", err
			}
			to = filepath.Join(dir, to)
		}
		path = to
	}
	return "", &fs.PathError{Op: "open", Path: path, Err: syscall.ELOOP}
}

// named returns an error with the path that the caller knows.
func named(path string, err error) error {
	if known, ok := errors.AsType[*fs.PathError](err); ok {
		return &fs.PathError{Op: known.Op, Path: path, Err: known.Err}
	}
	return err
}

// Write appends to the new file. After an error, Commit returns it and changes nothing.
func (f *File) Write(data []byte) (int, error) {
	n, err := f.file.Write(data)
	err = named(f.path, err)
	if err != nil && f.failed == nil {
		f.failed = err
	}
	return n, err
}

// Commit puts the file in its place. After an error the place holds what it held before, unless the
// file was written in place.
func (f *File) Commit() error {
	if f.failed != nil {
		return errors.Join(f.failed, f.Discard())
	}
	if f.place == "" {
		return f.file.Close()
	}
	// A machine that loses power right after the rename has the content, too.
	if err := f.file.Sync(); err != nil && !errors.Is(err, errors.ErrUnsupported) && !errors.Is(err, syscall.EINVAL) {
		return errors.Join(named(f.path, err), f.Discard())
	}
	err := f.file.Close()
	if err == nil {
		err = os.Rename(f.file.Name(), f.place)
	}
	if err != nil {
		return errors.Join(named(f.path, err), os.Remove(f.file.Name()))
	}
	return nil
}

// Discard gives the new file up.
func (f *File) Discard() error {
	err := f.file.Close()
	if f.place != "" {
		err = errors.Join(err, os.Remove(f.file.Name()))
	}
	return err
}

// Write writes a whole file, as [Create] does.
func Write(path string, data []byte, mode fs.FileMode) error {
	f, err := Create(path, mode)
	if err != nil {
		return err
	}
	_, _ = f.Write(data) // Commit returns the error
	return f.Commit()
}

// Check returns an error if a file cannot be written. It changes nothing, and does not open pipes
// and devices, because that has an effect.
func Check(path string) error {
	known, missing := os.Stat(path)
	if missing == nil && !known.Mode().IsRegular() && !known.IsDir() {
		return nil
	}
	_, unknown := os.Lstat(path)
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE, 0o644) //nolint:gosec // it goes at once, or is there already
	if err != nil {
		return err
	}
	err = f.Close()
	switch {
	case errors.Is(unknown, fs.ErrNotExist):
		err = errors.Join(err, os.Remove(path))
	case errors.Is(missing, fs.ErrNotExist): // a link that led nowhere
		to, linked := filepath.EvalSymlinks(path)
		if err = errors.Join(err, linked); err == nil {
			err = os.Remove(to)
		}
	}
	return err
}
