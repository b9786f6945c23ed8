// Command packages builds what people install: archives, a container image, wheels and npm
// packages.
//
//	go run ./packages                                    all for every platform, in dist/packages
//	go run ./packages --platform native --kind wheel     a wheel for this machine
//
//	cmd/chaosrun ─ go build ─▶ binary ─┬─ LICENSE, README ─▶ chaosrun-0.2.0-linux-amd64.tar.gz
//	                                   ├─ each Linux ──────▶ chaosrun-0.2.0-oci.tar
//	                                   ├─ packages/python ─▶ chaosrun-0.2.0-py3-none-….whl
//	                                   └─ packages/node ───▶ npm tarballs
//
// It needs only Go, and no daemon for the image. Each package holds the command for one platform,
// as the packages of ruff and esbuild do. Equal sources make equal bytes.
package main
