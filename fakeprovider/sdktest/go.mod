module github.com/chaosrun/chaosrun/fakeprovider/sdktest

go 1.26.0

require github.com/chaosrun/chaosrun v0.2.0
require github.com/alecthomas/kong v1.17.0
require github.com/anthropics/anthropic-sdk-go v1.84.0
require github.com/goccy/go-yaml v1.19.2
require github.com/google/go-cmp v0.7.0
require github.com/gorilla/mux v1.8.1
require github.com/jedib0t/go-pretty/v6 v6.8.3
require github.com/onsi/ginkgo/v2 v2.34.0
require github.com/onsi/gomega v1.44.0
require github.com/openai/openai-go/v3 v3.96.0
require github.com/rogpeppe/go-internal v1.16.0
require github.com/tmaxmax/go-sse v0.12.0
require golang.org/x/net v0.62.0
require golang.org/x/sys v0.49.0
require google.golang.org/genai v1.77.0
require pgregory.net/rapid v1.3.0
