package failover

// Each list holds words by which providers say what is wrong, in lower case.

func usageLimit() []string { return []string{"usage limit", "quota", "limit exceeded"} }

func transient() []string {
	return []string{"try again", "retry", "resets at", "reset in", "wait", "requests remaining", "periodic", "window"}
}

func billing() []string {
	return []string{
		"insufficient credits", "insufficient_quota", "insufficient balance", "credit balance", "credits exhausted",
		"payment required",
		"billing hard limit", "exceeded your current quota", "account is deactivated", "top up", "out of funds",
	}
}

func rateLimit() []string {
	return []string{
		"rate limit", "rate_limit", "too many requests", "throttled", "requests per minute", "tokens per minute",
		"requests per day",
		"try again in", "please retry after", "resource_exhausted",
	}
}

func overloaded() []string {
	return []string{"overloaded", "at capacity", "over capacity", "temporarily at capacity", "no capacity"}
}

func contextOverflow() []string {
	return []string{
		"context length", "context size", "maximum context", "context window", "token limit", "too many tokens",
		"reduce the length",
		"exceeds the limit", "prompt is too long", "prompt exceeds max length", "maximum number of tokens",
		"context_length_exceeded",
	}
}

func modelNotFound() []string {
	return []string{
		"model not found", "model_not_found", "not a valid model", "invalid model", "does not exist", "no such model",
		"unknown model",
		"unsupported model",
	}
}

// modelNotFoundElsewhere lists the words of vendors whose error has neither a code nor one of the
// phrases above. Anthropic names the model only, Google names the API's version, and OpenRouter
// has no endpoints.
func modelNotFoundElsewhere() []string {
	return []string{"model: ", "is not found for api version", "no endpoints found for"}
}

// dailyAllowance is OpenRouter's name for what a key has free until the next day
// (https://openrouter.ai/docs/api-reference/limits).
func dailyAllowance() []string { return []string{"free-models-per-day"} }

func policyBlocked() []string {
	return []string{
		"no endpoints available matching your guardrail", "no endpoints available matching your data policy",
		"no endpoints found matching your data policy",
	}
}

func contentBlocked() []string {
	return []string{
		"content_filter", "content filter", "content management policy", "safety filter", "content policy",
		"flagged by our safety",
	}
}

func imageTooLarge() []string {
	return []string{"image exceeds", "image too large", "image_too_large", "image is too large"}
}

func unknownParameter() []string { return []string{"unknown parameter", "unsupported parameter"} }

func disconnects() []string {
	return []string{
		"server disconnected", "peer closed connection", "connection reset by peer", "connection was closed",
		"network connection lost",
		"unexpected eof", "incomplete chunked read",
	}
}
