package timeline

import (
	"encoding/json"
	"strconv"
	"strings"
)

// sameNumbers returns a JSON value in which numbers of equal value are equal texts, however many
// digits they have: 100, 1e2 and 100.0 are. It changes objects and lists in place.
func sameNumbers(value any) any {
	switch v := value.(type) {
	case json.Number:
		return sameNumber(v)
	case []any:
		for i := range v {
			v[i] = sameNumbers(v[i])
		}
	case map[string]any:
		for name := range v {
			v[name] = sameNumbers(v[name])
		}
	}
	return value
}

// sameNumber returns a number as its digits and the power of ten behind them. A number whose
// exponent is beyond 18 digits stays as it is.
func sameNumber(n json.Number) json.Number {
	digits, negative := strings.CutPrefix(n.String(), "-")
	power := 0
	if i := strings.IndexAny(digits, "eE"); i >= 0 {
		p, err := strconv.Atoi(digits[i+1:])
		if err != nil {
			return n
		}
		digits, power = digits[:i], p
	}
	whole, fraction, _ := strings.Cut(digits, ".")
	digits, power = strings.TrimLeft(whole+fraction, "0"), power-len(fraction)
	short := strings.TrimRight(digits, "0")
	if short == "" {
		return "0"
	}
	if power += len(digits) - len(short); power != 0 {
		short += "e" + strconv.Itoa(power)
	}
	if negative {
		short = "-" + short
	}
	return json.Number(short)
}
