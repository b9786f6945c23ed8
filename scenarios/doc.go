// Package scenarios holds the scenario format and the catalogue of what goes wrong.
//
//	catalog/*.yaml ─▶ Load ─▶ Scenario{Providers, Calls, Limits, Expect} ─▶ harness
//	Go literals ────────────▶      │
//	                               └─ Validate: the same for both
//
// A scenario says what the providers do (faults and scripts of package fakeprovider), what the
// caller asks, and what must hold (expectations of package assertions). Its file is strict: a
// mistyped key, unit or name is an error with line, column, caret and suggestion, and all errors of
// a file come at once.
//
// scenario.schema.json describes the same format to editors; it is generated from the structs here.
package scenarios

//go:generate go test -run TestSchema -update .
