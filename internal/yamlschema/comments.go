package yamlschema

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"maps"
	"path/filepath"
	"strings"
)

// Comments returns the comments of the structs in some folders, each as one line, for
// [Generator.Comments].
func Comments(folders ...string) (map[string]string, error) {
	all := map[string]string{}
	for _, folder := range folders {
		files, err := filepath.Glob(filepath.Join(folder, "*.go"))
		if err != nil || files == nil {
			return nil, fmt.Errorf("no sources in %s: %w", folder, err)
		}
		for _, file := range files {
			parsed, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.ParseComments)
			if err != nil {
				return nil, fmt.Errorf("a source: %w", err)
			}
			maps.Copy(all, commentsOf(parsed))
		}
	}
	return all, nil
}

func commentsOf(file *ast.File) map[string]string {
	all := map[string]string{}
	for _, declaration := range file.Decls {
		d, ok := declaration.(*ast.GenDecl)
		if !ok || d.Tok != token.TYPE {
			continue
		}
		for _, spec := range d.Specs {
			s, ok := spec.(*ast.TypeSpec)
			if !ok {
				continue
			}
			name := file.Name.Name + "." + s.Name.Name
			all[name] = oneLine(s.Name.Name, d.Doc)
			fields, ok := s.Type.(*ast.StructType)
			if !ok {
				continue
			}
			for _, f := range fields.Fields.List {
				for _, n := range f.Names {
					all[name+"."+n.Name] = oneLine(n.Name, f.Doc)
				}
			}
		}
	}
	return all
}

// oneLine returns a comment as one line. It drops the Go name at the start, and an "is" or "are"
// after it.
func oneLine(name string, doc *ast.CommentGroup) string {
	text := strings.Join(strings.Fields(doc.Text()), " ")
	rest, found := strings.CutPrefix(text, name+" ")
	if !found {
		return text
	}
	for _, verb := range []string{"is ", "are "} {
		rest = strings.TrimPrefix(rest, verb)
	}
	return strings.ToUpper(rest[:1]) + rest[1:]
}
