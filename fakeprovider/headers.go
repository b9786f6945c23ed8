package fakeprovider

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// checkHeaders refuses headers that HTTP does not have: a name that is none, and control characters
// in a value, line ends above all. Bytes that are no HTTP are sent with Raw.
func checkHeaders(step string, headers map[string]string) error {
	var errs []error
	for _, name := range slices.Sorted(maps.Keys(headers)) {
		if !isToken(name) {
			errs = append(errs, fmt.Errorf("%s: %q is no name of a header", step, name))
		}
		if strings.ContainsFunc(headers[name], isControl) {
			errs = append(errs,
				fmt.Errorf("%s: the header %s has a line end or another control character in its value: %q", step, name,
					headers[name]))
		}
	}
	return errors.Join(errs...)
}

// isToken reports whether a text is a token of HTTP (RFC 9110, section 5.6.2).
func isToken(s string) bool {
	return s != "" && !strings.ContainsFunc(s, func(r rune) bool {
		return r <= ' ' || r >= 0x7f || strings.ContainsRune(`"(),/:;<=>?@[\]{}`, r)
	})
}

func isControl(r rune) bool { return r < ' ' && r != '\t' || r == 0x7f }
