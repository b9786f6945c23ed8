package fault

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
)

// The checks of parameters. Zero and "" are the default, and every check accepts them.

// atLeastOne refuses a negative number.
func atLeastOne(fault, field string, n int) error {
	if n < 0 {
		return fmt.Errorf("%s: %s is %d, want 1 or more", fault, field, n)
	}
	return nil
}

// within refuses a number outside of a range.
func within(fault, field string, n, least, most int) error {
	if n == 0 || n >= least && n <= most {
		return nil
	}
	return fmt.Errorf("%s: %s is %d, want %d to %d", fault, field, n, least, most)
}

// notNegative refuses a negative duration.
func notNegative(fault, field string, d time.Duration) error {
	if d < 0 {
		return fmt.Errorf("%s: %s is %s, want 0 or more", fault, field, d)
	}
	return nil
}

// multiple refuses a negative wait, and one that is no multiple of the unit in which it is sent.
func multiple(fault string, wait, unit time.Duration) error {
	err := notNegative(fault, "wait", wait)
	if wait%unit != 0 {
		err = errors.Join(err, fmt.Errorf("%s: wait is %s, want a multiple of %s", fault, wait, unit))
	}
	return err
}

// oneOf refuses a word that is not in a list.
func oneOf(fault, field, word string, list []string) error {
	if word == "" || slices.Contains(list, word) {
		return nil
	}
	return fmt.Errorf("%s: %s is %q, want one of %s", fault, field, word, strings.Join(list, ", "))
}

// statusAmong refuses a status that is not in a list.
func statusAmong(fault string, status int, list ...int) error {
	if status == 0 || slices.Contains(list, status) {
		return nil
	}
	words := make([]string, len(list))
	for i, s := range list {
		words[i] = strconv.Itoa(s)
	}
	return fmt.Errorf("%s: status is %d, want one of %s", fault, status, strings.Join(words, ", "))
}

// decimals are the digits of a number.
const decimals = "0123456789"
