package timeline

// ClockEvidence says how a clock passed that a process tree lived on, and so how the run knows that
// its times are true. See [Run.Evidence].
type ClockEvidence struct {
	// Passed is the tree's time from the first call's start to the end of the run. CPU is the part
	// of it that the processor took, which depends on the machine, and CallsCPU that part of each
	// call.
	Passed   Seconds   `json:"passed_s"`
	CPU      Seconds   `json:"cpu_s"`
	CallsCPU []Seconds `json:"calls_cpu_s,omitempty"`
	// Jumps counts the jumps of the clock, Looks the looks at all threads before them, Busy the
	// looks that found one awake, Late the waits that ended while a thread was busy, and Held the
	// looks that found data which TCP held back.
	Jumps int `json:"jumps"`
	Looks int `json:"looks"`
	Busy  int `json:"busy"`
	Late  int `json:"late"`
	Held  int `json:"held"`
	// QuickAck says that TCP over loopback acknowledged at once, so that it held nothing back.
	QuickAck bool `json:"quick_ack"`
	// CanaryRounds counts the rounds of two threads that exchanged bytes to see a false jump, and
	// CanaryLate those answers that took too long.
	CanaryRounds int `json:"canary_rounds"`
	CanaryLate   int `json:"canary_late"`
	// Left names what was left in real time, and the peers outside of the tree.
	Left []string `json:"left,omitempty"`
}

// CallCPU returns the processor time of call n, from 1: the whole run's if it is not known.
func (e *ClockEvidence) CallCPU(n int) Seconds {
	switch {
	case e == nil:
		return 0
	case n >= 1 && n <= len(e.CallsCPU):
		return e.CallsCPU[n-1]
	}
	return e.CPU
}
