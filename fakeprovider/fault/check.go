package fault

import (
	"fmt"
	"github.com/chaosrun/chaosrun/fakeprovider"
	"slices"
	"strings"
	"time"
)

// notFewer is the check that every number among the parameters goes through.
func notFewer(fault, field string, n int) error {
	if n < 0 {
		return fmt.Errorf("%s: %s is %d, want 1 or more", fault, field, n)
	}
	return nil
}

// notNegative is the check that every duration among the parameters goes through.
func notNegative(fault, field string, d time.Duration) error {
	if d < 0 {
		return fmt.Errorf("%s: %s is %s, want 0 or more", fault, field, d)
	}
	return nil
}

// knownCode is the check of an error code.
func knownCode(fault, code string) error {
	if !slices.Contains(fakeprovider.HTTP2Codes(), code) {
		return fmt.Errorf("%s: code is %q, want one of %s", fault, code, strings.Join(fakeprovider.HTTP2Codes(), ", "))
	}
	return nil
}

// decimals are the digits of a number.
const decimals = "0123456789"
