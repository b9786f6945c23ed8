// Package strictyaml reads YAML for people who make mistakes: every problem of a file is found in
// one go, with its line, its column, the source line with a caret under it, and what was probably
// meant.
//
//	bytes ─▶ Parse ─▶ Document ─▶ Root ─▶ Node ─┬▶ Fields, Items, String, Int, … ─▶ values
//	                     ▲                      └▶ Decode into a struct
//	                     └────── Report, from anywhere, at a Node
//	Document.Err ─▶ Problems, in order of position
//
// Reading goes on after a problem: whoever finds one reports it at a node and carries on with what
// is left.
//
// The YAML is a plain subset. One document, no anchors, aliases, merge keys, tags, directives or
// explicit keys, so that what a file says stands where it is said, and no small file can unfold
// into a huge one.
package strictyaml
