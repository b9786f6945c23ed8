package targets

import (
	"strings"
	"testing"
)

func TestRedactor(t *testing.T) {
	t.Setenv("CHAOSRUN_TEST_KEY", "sk-very-secret")
	t.Setenv("CHAOSRUN_TEST_SHORT", "abc")
	target := parseTarget(t, `
target: x
kind: worker
start: {command: [w], env: {KEY: "${CHAOSRUN_TEST_KEY}", SHORT: "${CHAOSRUN_TEST_SHORT}"}}
`)
	var b strings.Builder
	r := &redactor{to: &b, target: target}
	for _, piece := range []string{"key sk-very-", "secret and abc\nsk-", "very-secret"} {
		if n, err := r.Write([]byte(piece)); n != len(piece) || err != nil {
			t.Errorf("got %d, %v", n, err)
		}
	}
	if err := r.Close(); err != nil {
		t.Error(err)
	}
	if got, want := b.String(), "key [secret] and abc\n[secret]"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	r = &redactor{to: &b, target: target}
	if _, err := r.Write(make([]byte, longestLine+1)); err != nil || len(r.partial) != 0 {
		t.Errorf("%d bytes are held back, %v", len(r.partial), err)
	}
}
