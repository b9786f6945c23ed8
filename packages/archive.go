package main

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// archive returns the command for a platform with the license and the README, in a folder: a zip
// for Windows, a compressed tar elsewhere.
func (b builder) archive(p platform, binary []byte) (file, error) {
	name := "chaosrun-" + b.version + "-" + p.goos + "-" + p.goarch
	files := []file{{name: p.binary(), data: binary, executable: true}}
	for _, text := range []string{"LICENSE", "README.md", "CHANGELOG.md"} {
		data, err := os.ReadFile(filepath.Join(b.root, text))
		if err != nil {
			return file{}, err
		}
		files = append(files, file{name: text, data: withoutCR(data)})
	}
	if p.goos != "windows" {
		data, err := tarred(name, files)
		return file{name: name + ".tar.gz", data: data}, err
	}
	for i := range files {
		files[i].name = name + "/" + files[i].name
	}
	data, err := zipped(files)
	return file{name: name + ".zip", data: data}, err
}

// sumsFile lists the packages of a run, in the form of sha256sum.
const sumsFile = "SHA256SUMS"

// sums returns the file that lists packages.
func sums(packages []file) file {
	slices.SortFunc(packages, func(a, b file) int { return cmp.Compare(a.name, b.name) })
	var text strings.Builder
	for _, f := range packages {
		sum := sha256.Sum256(f.data)
		text.WriteString(hex.EncodeToString(sum[:]) + "  " + f.name + "\n")
	}
	return file{name: sumsFile, data: []byte(text.String())}
}
