package fault

// What an overlay can have for itself.
const (
	hasFraming     = "framing"
	hasHead        = "head"
	hasCertificate = "certificate"
	hasStreamEnd   = "end of the stream"
)
