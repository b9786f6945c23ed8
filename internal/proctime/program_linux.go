//go:build linux && (amd64 || arm64)

package proctime

// hideVDSO makes a new program ask the kernel for the time, and so the tracer. random fills the
// bytes that the kernel drew for the program; nil leaves them.
func hideVDSO(tid int, random func(at uint64)) {
	// The auxiliary vector's entries that matter: AT_NULL, AT_IGNORE, AT_RANDOM and AT_SYSINFO_EHDR.
	const null, ignore, drawn, vdso = 0, 1, 25, 33
	var f frame
	if !getFrame(tid, &f) {
		return
	}
	at := f.sp()
	at += 8 * (readWord(tid, at) + 2)
	for readWord(tid, at) != 0 {
		at += 8
	}
	for at += 8; ; at += 16 {
		switch readWord(tid, at) {
		case null:
			return
		case vdso:
			writeWords(tid, at, ignore)
		case drawn:
			if random != nil {
				random(readWord(tid, at+8))
			}
		}
	}
}
