package failover

import "io"

// lineEnds turns every line end that the specification allows (CR, LF, CRLF) into LF, because no
// vendor's SDK knows all of them. It drops a byte order mark at the beginning. It is not safe for
// concurrent use.
type lineEnds struct {
	io.ReadCloser
	afterCR bool
	mark    int // how much of a byte order mark has been read; all of it where there was none
}

const byteOrderMark = "\xEF\xBB\xBF"

// Read reads in place.
func (l *lineEnds) Read(p []byte) (int, error) {
	for {
		n, err := l.ReadCloser.Read(p)
		kept := p[:0]
		for _, c := range p[:n] {
			if l.mark < len(byteOrderMark) {
				if c == byteOrderMark[l.mark] {
					l.mark++
					continue
				}
				l.mark = len(byteOrderMark) // no line that means anything begins with a part of one
			}
			second := c == '\n' && l.afterCR
			l.afterCR = c == '\r'
			if l.afterCR {
				c = '\n'
			}
			if !second {
				kept = append(kept, c)
			}
		}
		if len(kept) > 0 || err != nil || n == 0 {
			return len(kept), err //nolint:wrapcheck // a reader hands errors on as they are
		}
	}
}
