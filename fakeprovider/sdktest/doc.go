// Package sdktest shows the fake providers to the vendors' own Go SDKs: what they send has to be what openai-go, anthropic-sdk-go and
// go-genai read. It is a module of its own, so that nothing else needs the SDKs. There is no code here outside the tests.
package sdktest
