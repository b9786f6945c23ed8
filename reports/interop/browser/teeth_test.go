package browser_test

import (
	"strings"
	"testing"
	"time"
)

// dot is an image of one pixel.
const dot = "data:image/gif;base64,R0lGODlhAQABAAAAACH5BAEKAAEALAAAAAABAAEAAAICTAEAOw=="

// html returns a page with a body, which is right in all else.
func html(body string) string {
	return `<!DOCTYPE html><html lang="en"><head><meta charset="utf-8"><title>A page</title></head>` +
		`<body><main><h1>A page</h1>` + body + `</main></body></html>`
}

// TestTeeth checks that each thing that no report may do is found in a page that does it.
func TestTeeth(t *testing.T) {
	const other = "http://192.0.2.1/" // TEST-NET-1, RFC 5737: nobody is there
	for _, test := range []struct{ name, body, says string }{
		{"an image of another", `<img alt="" src="` + other + `a.png">`, "request: " + other + "a.png"},
		{"a script of another", `<script src="` + other + `a.js"></script>`, "request: " + other},
		{"a style of another", `<style>@import "` + other + `a.css";</style>`, "request: " + other},
		{
			"a font of another",
			`<style>@font-face{font-family:x;src:url(` + other + `a.woff2)}h1{font-family:x}</style>`,
			"request: " + other,
		},
		{"an image beside it", `<img alt="" src="a.png">`, "/a.png"},
		{"a frame", `<iframe title="x" src="` + other + `"></iframe>`, "refers to: iframe " + other},
		{"a fetch", `<script>fetch("` + other + `").catch(() => 0)</script>`, "request: " + other},
		{"a socket", `<script>new WebSocket("ws://192.0.2.1/")</script>`, "request: ws://192.0.2.1/"},
		{"a beacon", `<script>navigator.sendBeacon("` + other + `", "x")</script>`, "request: " + other},
		{"a connection in advance", `<link rel="preconnect" href="` + other + `">`, "refers to: link " + other},
		{"a quotation mark too many", `<p title="a"b" class="c">x</p>`, `bad attribute: b"`},
		{"an id that occurs twice", `<p id="a">x</p><p id="a">y</p>`, "twice: id a"},
		{"an exception", `<script>throw new Error("oops")</script>`, "exception: Error: oops"},
		{"a broken promise", `<script>Promise.reject(new Error("oops"))</script>`, "exception: Error: oops"},
		{"an error on the console", `<script>console.error("oops", 7)</script>`, `console error: "oops" 7`},
		{"a warning on the console", `<script>console.warn("oops")</script>`, `console warning: "oops"`},
		{"a script that does not parse", `<script>let let = 1</script>`, "exception: SyntaxError"},
		{
			"a script that the page's policy forbids",
			`<meta http-equiv="Content-Security-Policy" content="script-src 'none'"><script>let a = 1</script>`,
			"log error: ",
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			p := open(t, written(t, "page.html", html(test.body)), desktop)
			all := strings.Join(p.found(), "\n")
			if !strings.Contains(all, test.says) {
				t.Errorf("found %q, want %q in it", all, test.says)
			}
		})
	}
	t.Run("nothing", func(t *testing.T) {
		body := `<img alt="" src="` + dot + `">` +
			`<a href="https://example.org/">a link</a><script>console.log("fine")</script>`
		p := open(t, written(t, "page.html", html(body)), desktop)
		p.clean()
		p.accessible(t)
	})
}

// TestTeethAfterAClick checks that an exception is found that comes later.
func TestTeethAfterAClick(t *testing.T) {
	p := open(t, written(t, "page.html", html(`<button onclick="oops()">here</button>`)), desktop)
	p.clean()
	p.click("button")
	p.until("true")
	if all := strings.Join(p.found(), "\n"); !strings.Contains(all, "ReferenceError: oops") {
		t.Errorf("found %q", all)
	}
}

// TestTeethOfAxe checks that axe-core finds what hides a page from people.
func TestTeethOfAxe(t *testing.T) {
	for _, test := range []struct{ name, body, says string }{
		{"low contrast", `<p style="color:#aaa;background:#fff">hardly to be read</p>`, "color-contrast"},
		{"an image without words", `<img src="` + dot + `">`, "image-alt"},
		{"a button without a name", `<button></button>`, "button-name"},
		{"a field without a label", `<input type="search">`, "label"},
		{"a role that is none", `<div role="lamp">x</div>`, "aria-roles"},
		{"a hidden button", `<div aria-hidden="true"><button>x</button></div>`, "aria-hidden-focus"},
	} {
		t.Run(test.name, func(t *testing.T) {
			var ids []string
			for _, f := range open(t, written(t, "page.html", html(test.body)), desktop).axe() {
				ids = append(ids, f.ID)
			}
			if got := strings.Join(ids, " "); got != test.says {
				t.Errorf("axe found %q, want %q", got, test.says)
			}
		})
	}
}

// TestTeethOfTheClock checks that a page is slow whose script takes long, while it is loaded or
// afterwards, and one that only waits is not.
func TestTeethOfTheClock(t *testing.T) {
	const busy = `for (const end = performance.now() + 700; performance.now() < end;);`
	for _, test := range []struct {
		name, body string
		want       bool
	}{
		{"while it is loaded", "<script>" + busy + "</script>", false},
		{"afterwards", "<script>onload = () => setTimeout(() => {" + busy + "})</script>", false},
		{"never", "<script>onload = () => setTimeout(() => 0, 10)</script>", true},
	} {
		t.Run(test.name, func(t *testing.T) {
			if got := opensWithin(t, written(t, "page.html", html(test.body)), 600*time.Millisecond); got != test.want {
				t.Errorf("opened in time: %v, want %v", got, test.want)
			}
		})
	}
}
