package targets

import (
	"regexp"
	"strings"
)

var (
	// unquoted matches words that need no quotes in a shell.
	unquoted = regexp.MustCompile(`^[A-Za-z0-9_@%+=:,./-]+$`)
	// secret matches the names of flags and variables whose values are secret.
	secret = regexp.MustCompile(`(?i)(key|token|secret|passw)`)
)

// CommandLine returns a command in a form that can be pasted into a POSIX shell, for reports. It
// leaves out values that look like secrets, as in --api-key ….
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
