package main

import (
	"archive/zip"
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// pythonDir holds the Python package, and what stands in its metadata.
const pythonDir = "packages/python"

// wheel returns the wheel for a platform: the package chaosrun with the binary in chaosrun/bin.
// https://packaging.python.org/en/latest/specifications/binary-distribution-format/
func (b builder) wheel(p platform, binary []byte) (file, error) {
	files, err := sources(filepath.Join(b.root, pythonDir, "chaosrun"))
	if err != nil {
		return file{}, err
	}
	for i := range files {
		files[i].name = "chaosrun/" + files[i].name
	}
	files = append(files, file{name: "chaosrun/bin/" + p.binary(), data: binary, executable: true})
	info := "chaosrun-" + b.version + ".dist-info/"
	about, err := b.wheelInfo(p)
	if err != nil {
		return file{}, err
	}
	for _, f := range about {
		f.name = info + f.name
		files = append(files, f)
	}
	files = append(files, file{name: info + "RECORD", data: record(files, info+"RECORD")})
	data, err := zipped(files)
	return file{name: fmt.Sprintf("chaosrun-%s-py3-none-%s.whl", b.version, p.wheelTag), data: data}, err
}

// wheelInfo returns the files of the folder .dist-info, without RECORD.
func (b builder) wheelInfo(p platform) ([]file, error) {
	read := func(err *error, elements ...string) []byte {
		data, readErr := os.ReadFile(filepath.Join(append([]string{b.root}, elements...)...))
		if *err == nil {
			*err = readErr
		}
		return withoutCR(data)
	}
	var err error
	metadata := strings.ReplaceAll(string(read(&err, pythonDir, "METADATA")), "{{version}}", b.version)
	metadata += "\n" + string(read(&err, pythonDir, "README.md"))
	var tags strings.Builder
	for tag := range strings.SplitSeq(p.wheelTag, ".") {
		fmt.Fprintf(&tags, "Tag: py3-none-%s\n", tag)
	}
	return []file{
		{name: "METADATA", data: []byte(metadata)},
		{
			name: "WHEEL",
			data: []byte("Wheel-Version: 1.0\nGenerator: chaosrun packages\nRoot-Is-Purelib: false\n" + tags.String()),
		},
		{name: "entry_points.txt", data: read(&err, pythonDir, "entry_points.txt")},
		{name: "licenses/LICENSE", data: read(&err, "LICENSE")},
	}, err
}

// record returns the list of the files of a wheel, with their hashes and sizes. It does not hash
// itself.
func record(files []file, own string) []byte {
	var text strings.Builder
	for _, f := range files {
		sum := sha256.Sum256(f.data)
		fmt.Fprintf(&text, "%s,sha256=%s,%d\n", f.name, base64.RawURLEncoding.EncodeToString(sum[:]), len(f.data))
	}
	fmt.Fprintf(&text, "%s,,\n", own)
	return []byte(text.String())
}

// zipped returns files as a ZIP archive. All have the time that is the beginning of ZIP's calendar,
// so that equal files make equal bytes.
func zipped(files []file) ([]byte, error) {
	var out bytes.Buffer
	w := zip.NewWriter(&out)
	for _, f := range files {
		header := &zip.FileHeader{
			Name: f.name, Method: zip.Deflate, Modified: time.Date(1980, 1, 1, 0, 0, 0, 0, time.UTC),
		}
		header.SetMode(0o644)
		if f.executable {
			header.SetMode(0o755)
		}
		part, err := w.CreateHeader(header)
		if err != nil {
			return nil, err
		}
		if _, err := part.Write(f.data); err != nil {
			return nil, err
		}
	}
	err := w.Close()
	return out.Bytes(), err
}
