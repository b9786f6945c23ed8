package campaign

import (
	"bytes"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/chaosrun/chaosrun/internal/atomicfile"
	"github.com/chaosrun/chaosrun/reports"
)

// storedName is the name of a report in the folder of its engine and version.
const storedName = "report.json"

// Store writes the runs of reports below a folder, as NAME/VERSION/report.json for each engine with
// all of its variants. It leaves out timelines and the texts of scenarios, which this version of
// the program has. It returns the names of the files.
func Store(folder string, all []reports.Report) (files []string, err error) {
	stored := map[string]*reports.Report{}
	for _, report := range all {
		for _, run := range report.Runs {
			run.Timeline, run.Source = nil, ""
			path := filepath.Join(folder, storedUnder(run), storedName)
			one := stored[path]
			if one == nil {
				one = &reports.Report{Version: report.Version, Seed: report.Seed, SDKVersions: map[string]string{}}
				if run.TargetVersion == "" {
					one.SDKVersions = report.SDKVersions
				}
				stored[path] = one
				files = append(files, path)
			}
			one.Add(run)
		}
	}
	for _, path := range files {
		report := stored[path]
		slices.SortStableFunc(report.Runs, func(a, b reports.Run) int { return strings.Compare(a.Label(), b.Label()) })
		var data bytes.Buffer
		encoder := json.NewEncoder(&data)
		encoder.SetEscapeHTML(false)
		encoder.SetIndent("", " ")
		//nolint:gosec // reports are for others to read
		err := errors.Join(encoder.Encode(report), os.MkdirAll(filepath.Dir(path), 0o755))
		if err == nil {
			err = atomicfile.Write(path, data.Bytes(), 0o644)
		}
		if err != nil {
			return nil, &OutputError{err}
		}
	}
	return files, nil
}

// storedUnder returns NAME/VERSION of the engine of a run. An engine of this program has the name
// of its policy, and no version of its own.
func storedUnder(run reports.Run) string {
	name, _, _ := strings.Cut(run.Target, "@")
	version := run.TargetVersion
	if version == "" {
		version = "built-in"
	}
	clean := func(s string) string {
		return strings.Map(func(r rune) rune {
			if strings.ContainsRune(`/\: `, r) {
				return '-'
			}
			return r
		}, s)
	}
	return filepath.Join(clean(name), clean(version))
}
