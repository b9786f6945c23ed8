// Package interop reads the reports with the programs that others wrote for their formats. It has
// tests only.
//
//	junit        a parser of another project, and an XML schema
//	markdown     a renderer of GitHub's dialect
//	html         headless Chromium and axe-core, in package browser
//
// It is a module of its own, because its readers are large and the core requires none of them.
package interop
