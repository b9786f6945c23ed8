package campaign

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"iter"
	"os"
	"path/filepath"
	"strings"

	"github.com/chaosrun/chaosrun/internal/readfile"
	"github.com/chaosrun/chaosrun/reports"
)

// mostReport is the size of the largest report that is read from a named pipe, in bytes. A run with
// its timeline takes some 100 KB. A file may have any size, because it is read run by run.
const mostReport = 1 << 30

// LoadReports reads JSON reports without timelines and the texts of scenarios, which take most of
// the memory. A folder stands for every report.json below it, by path. The error is a
// *[UsageError], or a *[DataError] for a file that is not a report.
func LoadReports(paths []string) (all []reports.Report, err error) {
	files, err := openReports(paths)
	if err != nil {
		return nil, err
	}
	for _, file := range files {
		var runs []reports.Run
		for run, err := range file.runs() {
			if err != nil {
				return nil, err
			}
			run.Timeline, run.Source = nil, ""
			runs = append(runs, run)
		}
		report := file.head
		report.Runs = runs
		all = append(all, report)
	}
	return all, nil
}

// openReports returns the files that the paths name.
func openReports(paths []string) (all []*reportFile, err error) {
	for _, path := range paths {
		files := []string{path}
		if info, err := os.Stat(path); err == nil && info.IsDir() {
			if files, err = reportsBelow(path); err != nil {
				return nil, err
			}
		}
		for _, file := range files {
			opened, err := openReportFile(file)
			if err != nil {
				return nil, usage("", "%v", err)
			}
			all = append(all, opened)
		}
	}
	return all, nil
}

// reportsBelow returns the reports below a folder.
func reportsBelow(folder string) (files []string, err error) {
	err = filepath.WalkDir(folder, func(path string, entry fs.DirEntry, err error) error {
		if err == nil && !entry.IsDir() && entry.Name() == storedName {
			files = append(files, path)
		}
		return err
	})
	if err != nil {
		return nil, usage("", "%v", err)
	}
	if len(files) == 0 {
		return nil, usage("", "%s: there is no %s below it", folder, storedName)
	}
	return files, nil
}

// A reportFile is a JSON report that is read run by run.
type reportFile struct {
	path string
	// piped is the content of a named pipe, which can be read only once.
	piped []byte
	// head is the report without its runs. It is complete after all runs were read.
	head reports.Report
}

func openReportFile(path string) (*reportFile, error) {
	f := &reportFile{path: path}
	err := readfile.Check(path)
	if _, other := errors.AsType[*readfile.KindError](err); other { // perhaps a pipe
		f.piped, err = readfile.Whole(path, mostReport)
	}
	return f, err
}

func (f *reportFile) open() (io.ReadCloser, error) {
	if f.piped != nil {
		return io.NopCloser(bytes.NewReader(f.piped)), nil
	}
	return os.Open(f.path)
}

// runs yields the runs in order. After an error, which is the last, there is none.
func (f *reportFile) runs() iter.Seq2[reports.Run, error] {
	return func(yield func(reports.Run, error) bool) {
		file, err := f.open()
		if err != nil {
			yield(reports.Run{}, usage("", "%v", err))
			return
		}
		defer file.Close()
		r := reportReader{json: json.NewDecoder(file), head: &f.head}
		err = r.read(func(run reports.Run) bool { return yield(run, nil) })
		switch {
		case err == nil, errors.Is(err, errStopped):
		case as[*schemaError](err):
			yield(reports.Run{}, &DataError{fmt.Errorf("%s: %w", f.path, err)})
		default:
			yield(reports.Run{}, &DataError{
				fmt.Errorf("%s:%s: not a report: %w", f.path, f.position(r.json.InputOffset()), err),
			})
		}
	}
}

// position returns line and column of an offset in the file.
func (f *reportFile) position(offset int64) string {
	file, err := f.open()
	if err != nil {
		return "1:1"
	}
	defer file.Close()
	line, column := 1, 1
	buffer := make([]byte, 64<<10)
	for offset > 0 {
		n, err := file.Read(buffer[:min(offset, int64(len(buffer)))])
		offset -= int64(n)
		read := buffer[:n]
		line += bytes.Count(read, []byte("\n"))
		if i := bytes.LastIndexByte(read, '\n'); i >= 0 {
			column, read = 1, read[i+1:]
		}
		column += len(read)
		if err != nil {
			break
		}
	}
	return fmt.Sprintf("%d:%d", line, column)
}

// errStopped says that the reader of the runs wants no more.
var errStopped = errors.New("stopped")

// A schemaError reports a file of another kind, or of a newer version of the program.
type schemaError struct{ got string }

func (e *schemaError) Error() string {
	family, _, _ := strings.Cut(reports.Schema, "/")
	if strings.HasPrefix(e.got, family+"/") {
		return fmt.Sprintf("its schema is %q, and this version reads %q: install a newer chaosrun", e.got,
			reports.Schema)
	}
	return fmt.Sprintf("its schema is %q, want %q: write the report with --report json=PATH", e.got, reports.Schema)
}

// A reportReader decodes one report. Keys may come in any order, and unknown ones are ignored.
type reportReader struct {
	json *json.Decoder
	head *reports.Report
}

func (r *reportReader) read(each func(reports.Run) bool) error {
	*r.head = reports.Report{}
	if err := r.delimiter('{'); err != nil {
		return err
	}
	for r.json.More() {
		key, err := r.json.Token()
		if err != nil {
			return cutShort(err)
		}
		name, _ := key.(string) // the decoder takes nothing else
		if err := r.value(name, each); err != nil {
			return cutShort(err)
		}
	}
	if err := r.delimiter('}'); err != nil {
		return err
	}
	if r.head.Schema != reports.Schema {
		return &schemaError{r.head.Schema}
	}
	if _, err := r.json.Token(); !errors.Is(err, io.EOF) {
		return errors.New("something follows the report")
	}
	return nil
}

// value decodes the value of a key.
func (r *reportReader) value(key string, each func(reports.Run) bool) error {
	switch key {
	case "schema":
		if err := r.json.Decode(&r.head.Schema); err != nil || r.head.Schema != reports.Schema {
			return errors.Join(err, &schemaError{r.head.Schema})
		}
		return nil
	case "version":
		return r.json.Decode(&r.head.Version)
	case "seed":
		return r.json.Decode(&r.head.Seed)
	case "sdk_versions":
		return r.json.Decode(&r.head.SDKVersions)
	case "plan":
		return r.json.Decode(&r.head.Plan)
	case "summary":
		return r.json.Decode(&r.head.Summary)
	case "runs":
		return r.runs(each)
	}
	var unknown json.RawMessage
	return r.json.Decode(&unknown)
}

// runs decodes the list of runs, one at a time.
func (r *reportReader) runs(each func(reports.Run) bool) error {
	switch token, err := r.json.Token(); {
	case err != nil:
		return err
	case token == nil: // null, as some write for an empty list
		return nil
	case token != json.Delim('['):
		return fmt.Errorf("runs: want a list, got %v", token)
	}
	for r.json.More() {
		var run reports.Run
		if err := r.json.Decode(&run); err != nil {
			return err
		}
		if !each(run) {
			return errStopped
		}
	}
	return r.delimiter(']')
}

// delimiter reads a bracket.
func (r *reportReader) delimiter(want rune) error {
	token, err := r.json.Token()
	if err != nil {
		return cutShort(err)
	}
	if token != json.Delim(want) {
		return fmt.Errorf("want %c, got %v", want, token)
	}
	return nil
}

// cutShort names the end of a file that is not the end of a report.
func cutShort(err error) error {
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return errors.New("the file ends in the middle")
	}
	return err
}

func as[E error](err error) bool {
	_, ok := errors.AsType[E](err)
	return ok
}
