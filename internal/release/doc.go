// Command release makes a release: one version for every module of the repository.
//
//	go run ./internal/release v0.3.0         sets the version, and completes each go.sum
//	go run ./internal/release -proxy DIR     writes the modules as a Go module proxy
//	git commit -am "Release v0.3.0" && go run ./internal/release -tags
//
// Modules require each other at one version and have no replace directive. Only go.work has replace
// directives, for work in the repository. A module is zipped before the modules that require it are
// tidied, so that their go.sum has the published hashes. The network is needed for external modules
// only.
package main
