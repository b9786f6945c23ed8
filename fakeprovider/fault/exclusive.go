package fault

// What overlays can claim: at most one overlay of a Together decides each of these.
const (
	claimsFraming     = "framing"
	claimsHead        = "head"
	claimsCertificate = "certificate"
	claimsStreamEnd   = "end of the stream"
)
