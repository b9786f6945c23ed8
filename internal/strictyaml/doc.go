// Package strictyaml reads YAML for people who make mistakes. It finds all problems of a file at
// once, each with its line, its column, the source line with a caret, and a suggestion.
//
//	bytes ─▶ Parse ─▶ Document ─▶ Root ─▶ Node ─┬▶ Fields, Items, String, Int, … ─▶ values
//	                     ▲                      └▶ Decode into a struct
//	                     └────── Report, from anywhere, at a Node
//	Document.Err ─▶ Problems, in order of position
//
// Reading goes on after a problem: report it at its node, and continue with the rest.
//
// The YAML is a plain subset: one document, without anchors, aliases, merge keys, tags, directives
// or explicit keys. So each value is written where it applies, and no small file expands into a
// huge one.
package strictyaml
