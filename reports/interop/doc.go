// Package interop reads the reports with the programs that others wrote for their formats. It has
// tests only.
//
//	junit        a parser of another project, and an XML schema
//	otlp         the collector's decoder, and OpenTelemetry's own types and names
//	chrome-trace the types of google/chrometracing
//	markdown     a renderer of GitHub's dialect
//	html         headless Chromium and axe-core, in package browser
//
// It also decodes deploy/k8s with the types of Kubernetes, and plays a kubelet with processes.
//
// It is a module of its own, because its readers are large and the core requires none of them.
package interop
