// Package sdktest reads the fake providers with the vendors' own Go SDKs. What a provider sends
// has to be what openai-go, anthropic-sdk-go and go-genai read.
//
// It is a module of its own, so that nothing else requires the SDKs, and has no code outside its
// tests. Its examples point each SDK at a harness.Lab.
package sdktest
