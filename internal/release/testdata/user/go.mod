module example.com/engine

go 1.26.0

require (
	github.com/anthropics/anthropic-sdk-go v1.19.0
	github.com/chaosrun/chaosrun v0.0.0
	github.com/openai/openai-go/v3 v3.8.1
	google.golang.org/genai v1.36.0
)
