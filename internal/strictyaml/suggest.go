package strictyaml

import "strings"

// Nearest returns the known word that word was probably meant to be: the one at the smallest edit
// distance (insert, delete, replace, swap neighbours), if at most a third of the longer word
// differs. Otherwise it is the only known word that begins with word, or "". It ignores case, and
// `_` equals `-`. Of equally near words the first one wins.
func Nearest(word string, known []string) string {
	fold := strings.NewReplacer("_", "-", " ", "-")
	plain := func(s string) string { return fold.Replace(strings.ToLower(s)) }
	word = plain(word)
	if word == "" || len(word) > maxWord {
		return ""
	}
	best, least := "", -1
	for _, k := range known {
		if len(k) > maxWord {
			continue
		}
		d := distance([]rune(word), []rune(plain(k)))
		if d <= max(1, max(len(word), len(k))/3) && (least < 0 || d < least) {
			best, least = k, d
		}
	}
	if best != "" || len(word) < minPrefix {
		return best
	}
	for _, k := range known {
		if strings.HasPrefix(plain(k), word) || strings.HasPrefix(word, plain(k)+"-") {
			if best != "" {
				return ""
			}
			best = k
		}
	}
	return best
}

const (
	// maxWord bounds the work on an absurdly long word.
	maxWord = 64
	// minPrefix is how many letters a beginning needs to point at a word.
	minPrefix = 3
)

// distance is the optimal string alignment distance: insertions, deletions, replacements and swaps
// of neighbours, with no letter edited twice.
func distance(a, b []rune) int {
	before, above, row := make([]int, len(b)+1), make([]int, len(b)+1), make([]int, len(b)+1)
	for j := range above {
		above[j] = j
	}
	for i := range a {
		row[0] = i + 1
		for j := range b {
			cost := 1
			if a[i] == b[j] {
				cost = 0
			}
			row[j+1] = min(above[j+1]+1, row[j]+1, above[j]+cost)
			if i > 0 && j > 0 && a[i] == b[j-1] && a[i-1] == b[j] {
				row[j+1] = min(row[j+1], before[j-1]+1)
			}
		}
		before, above, row = above, row, before
	}
	return above[len(b)]
}
