package targets

import (
	"regexp"
	"strings"
)

var (
	// unquoted matches words that a shell takes as they stand.
	unquoted = regexp.MustCompile(`^[A-Za-z0-9_@%+=:,./-]+$`)
	// secret matches the names of flags and variables whose values nobody else should read.
	secret = regexp.MustCompile(`(?i)(key|token|secret|passw)`)
)

// CommandLine returns a command as it can be pasted into a POSIX shell, for reports: values that
// look like secrets are left out, as in --api-key ….
func CommandLine(words []string) string {
	quoted := make([]string, len(words))
	hide := false
	for i, word := range words {
		name, value, assigned := strings.Cut(word, "=")
		switch {
		case hide, strings.HasPrefix(word, "sk-"):
			word, hide = "…", false
		case assigned && value != "" && secret.MatchString(name):
			word = name + "=…"
		default:
			hide = !assigned && strings.HasPrefix(word, "-") && secret.MatchString(word)
		}
		if !unquoted.MatchString(word) && !strings.HasSuffix(word, "…") {
			word = "'" + strings.ReplaceAll(word, "'", `'\''`) + "'"
		}
		quoted[i] = word
	}
	return strings.Join(quoted, " ")
}
