package reports

import (
	"crypto/sha256"
	_ "embed"
	"encoding/base64"
	"maps"
	"slices"
)

// The scripts and the style are built from web/src; see web/README.md.
//
//go:embed web/page.js
var pageScript string

//go:embed web/page.css
var pageStyle string

// hatches are the patterns of the phases. They tell phases apart without colour.
//
//go:embed web/hatches.svg
var hatches string

// markScripted tells the style that there is a script, before anything is drawn.
const markScripted = `document.documentElement.className="js"`

// hashOf returns the source expression of a Content Security Policy for an inline script or style.
func hashOf(text string) string {
	sum := sha256.Sum256([]byte(text))
	return "'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'"
}

// pageTop writes all of a page before its sections. Its policy permits nothing but the page's own
// style and scripts.
func pageTop(m *markup, title string, header Header, script, style string) {
	m.put("<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n" +
		"<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n")
	m.put("<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; script-src %s %s; style-src %s; "+
		"base-uri 'none'; form-action 'none'\">\n", raw(hashOf(markScripted)), raw(hashOf(script)), raw(hashOf(style)))
	m.put("<meta name=\"referrer\" content=\"no-referrer\">\n<title>%s</title>\n<style>%s</style>\n"+
		"<script>%s</script>\n</head>\n", title, raw(style), raw(markScripted))
	m.put("<body>\n<a class=\"skip\" href=\"#overview\">Skip to the report</a>\n%s"+
		"<header><h1>%s</h1><span class=\"meta\">", raw(hatches), title)
	m.some(header.Version, "version %s · ")
	m.put("seed %d", header.Seed)
	for _, name := range slices.Sorted(maps.Keys(header.SDKVersions)) {
		m.put(" · %s %s", name, header.SDKVersions[name])
	}
	m.put("</span><span class=\"actions\"></span></header>\n<main>\n")
}

// pageBottom writes all of a page behind its sections.
func pageBottom(m *markup, script string) {
	m.put("</main>\n<footer>chaosrun. One file: it loads nothing, and sends nothing.</footer>\n<script>%s</script>\n"+
		"</body>\n</html>\n", raw(script))
}
