package timeline

import (
	"encoding/json"
	"testing"
)

func TestNumbersOfEqualValueAreEqual(t *testing.T) {
	for a, b := range map[string]string{
		"100": "1e2", "100.0": "10E+1", "-0.5": "-5e-1", "0": "-0.00e7", "1.50": "15e-1",
		"9007199254740993": "9007199254740993.0",
	} {
		if sameNumber(json.Number(a)) != sameNumber(json.Number(b)) {
			t.Errorf("%s becomes %s, and %s becomes %s", a, sameNumber(json.Number(a)), b, sameNumber(json.Number(b)))
		}
	}
	for a, b := range map[string]string{
		"9007199254740993": "9007199254740992", "1": "-1", "10": "1", "0.1": "0.10000000000000001", "1e400": "1e401",
		"12":                    "1.2",
		"1e9999999999999999999": "1e9999999999999999998",
	} {
		if sameNumber(json.Number(a)) == sameNumber(json.Number(b)) {
			t.Errorf("%s and %s both become %s", a, b, sameNumber(json.Number(a)))
		}
	}
}
