// Command packages builds what Python and Node install.
//
//	go run ./packages                                    a wheel and npm packages for every platform, in dist/packages
//	go run ./packages --platform native --kind wheel     those for this machine
//
//	cmd/chaosrun ─ go build ─▶ binary ─┬─ packages/python ─▶ chaosrun-0.2.0-py3-none-….whl
//	                                   └─ packages/node ───▶ npm tarballs
//
// It needs only Go. Each package holds the command for one platform, as the packages of ruff and
// esbuild do. Equal sources make equal bytes.
package main
