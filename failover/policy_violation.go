package failover

// A Violation names something that no caller should ever see, whatever the providers do.
type Violation string

const (
	// ViolationHung is a call that did not end within its time.
	ViolationHung Violation = "hung"
	// ViolationTruncated is a part of an answer that was returned as a success.
	ViolationTruncated Violation = "truncated"
	// ViolationSpliced is an answer made of pieces of several attempts.
	ViolationSpliced Violation = "spliced"
	// ViolationDuplicated is an answer in which something was delivered twice.
	ViolationDuplicated Violation = "duplicated"
	// ViolationFailed is an error although a provider of the chain was healthy and the caller
	// could be told to start over.
	ViolationFailed Violation = "failed"
)

func violations() []Violation {
	return []Violation{ViolationHung, ViolationTruncated, ViolationSpliced, ViolationDuplicated, ViolationFailed}
}

// UnmarshalText reads a violation by its name. An unknown name is an error that suggests a near
// one.
func (v *Violation) UnmarshalText(text []byte) error {
	return readWord(v, text, "violation", violations())
}
