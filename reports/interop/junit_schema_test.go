package interop_test

import (
	"bytes"
	"encoding/xml"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/chaosrun/chaosrun/reports"
)

// xsd is the file of the XML schema of Jenkins' xUnit plugin, junit-10.xsd. pytest ships it in its
// source package, in testing/example_scripts; `make browser` fetches it from there.
var xsd = flag.String("xsd", "", "validate the JUnit report against this XML schema with xmllint")

// An element is what the schema allows in one element.
type element struct{ attributes, children []string }

// junitSchema has the elements of junit-10.xsd that a report of ours may have, with all that it
// allows in them, as far as a name says it. It has no testsuite in a testsuite, no properties in a
// testcase and no status.
func junitSchema() map[string]element {
	said := element{attributes: []string{"type", "message"}}
	return map[string]element{
		"testsuites": {[]string{"name", "time", "tests", "failures", "errors"}, []string{"testsuite"}},
		"testsuite": {
			[]string{
				"name", "tests", "failures", "errors", "group", "time", "skipped", "timestamp", "hostname", "id",
				"package", "file", "log", "url", "version",
			},
			[]string{"properties", "testcase", "system-out", "system-err"},
		},
		"properties": {nil, []string{"property"}},
		"property":   {attributes: []string{"name", "value"}},
		"testcase": {
			[]string{"name", "time", "classname", "group"},
			[]string{"skipped", "error", "failure", "system-out", "system-err"},
		},
		"skipped": said, "error": said, "failure": said, "system-out": {}, "system-err": {},
	}
}

// unknownTo returns what a JUnit report has that the schema does not allow.
func unknownTo(schema map[string]element, text []byte) (found []string, err error) {
	within := []element{{children: []string{"testsuites"}}}
	for dec := xml.NewDecoder(bytes.NewReader(text)); ; {
		token, err := dec.Token()
		if errors.Is(err, io.EOF) {
			return found, nil
		}
		if err != nil {
			return nil, fmt.Errorf("no XML: %w", err)
		}
		switch token := token.(type) {
		case xml.StartElement:
			name := token.Name.Local
			if !slices.Contains(within[len(within)-1].children, name) {
				found = append(found, "the element "+name)
			}
			for _, attribute := range token.Attr {
				if !slices.Contains(schema[name].attributes, attribute.Name.Local) {
					found = append(found, name+" with the attribute "+attribute.Name.Local)
				}
			}
			within = append(within, schema[name])
		case xml.EndElement:
			within = within[:len(within)-1]
		}
	}
}

// TestJUnitHasWhatTheSchemaAllows checks the elements and attributes of the report, without the
// schema's file.
func TestJUnitHasWhatTheSchemaAllows(t *testing.T) {
	text := junitOf(t)
	found, err := unknownTo(junitSchema(), text)
	if err != nil {
		t.Fatal(err)
	}
	slices.Sort(found)
	for _, what := range slices.Compact(found) {
		t.Errorf("the schema has no %s there", what)
	}
	wrong := bytes.ReplaceAll(text, []byte("<testcase "), []byte("<properties></properties><testcase status='' "))
	wrong = bytes.ReplaceAll(wrong, []byte("<failure"), []byte("<properties></properties><failure"))
	found, err = unknownTo(junitSchema(), wrong)
	slices.Sort(found)
	want := []string{"testcase with the attribute status", "the element properties"}
	if diff := cmp.Diff(want, slices.Compact(found)); err != nil || diff != "" {
		t.Errorf("in a wrong report: %v (-want +got):\n%s", err, diff)
	}
}

// TestJUnitValidates validates the report against the schema itself, and reports with mistakes.
func TestJUnitValidates(t *testing.T) {
	if *xsd == "" {
		t.Skip("no schema: -xsd FILE names it, and `make browser` fetches it")
	}
	text := junitOf(t)
	if said, err := validate(t, text); err != nil {
		t.Errorf("%v: %s", err, said)
	}
	for _, mistake := range []struct{ from, to, says string }{
		{`<testcase name=`, `<testcase status="failed" name=`, "attribute 'status' is not allowed"},
		{`<testcase name=`, `<testcase title=`, "attribute 'name' is required"},
		{`<property name="seed"`, `<property nome="seed"`, "attribute 'nome' is not allowed"},
		{` time="`, ` time="about `, "is not accepted by the pattern"},
		{`</testsuites>`, `<testcase name="x"></testcase></testsuites>`, "This element is not expected"},
	} {
		wrong := bytes.Replace(text, []byte(mistake.from), []byte(mistake.to), 1)
		if bytes.Equal(wrong, text) {
			t.Fatalf("the report has no %q", mistake.from)
		}
		if said, err := validate(t, wrong); err == nil || !strings.Contains(said, mistake.says) {
			t.Errorf("with %s: got %v, want %q in:\n%s", mistake.to, err, mistake.says, said)
		}
	}
}

// validate runs xmllint over a report, and returns what it says.
func validate(t *testing.T, text []byte) (string, error) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "junit.xml")
	if err := os.WriteFile(path, text, 0o600); err != nil {
		t.Fatal(err)
	}
	said, err := exec.CommandContext(t.Context(), "xmllint", "--noout", "--schema", *xsd, path).CombinedOutput()
	return string(said), err
}

// junitOf returns the JUnit report of the catalogue.
func junitOf(t *testing.T) []byte {
	t.Helper()
	var text bytes.Buffer
	if err := reports.JUnit(&text, catalogue(t)); err != nil {
		t.Fatal(err)
	}
	return text.Bytes()
}
