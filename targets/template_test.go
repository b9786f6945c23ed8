package targets

import (
	"strings"
	"testing"

	"github.com/chaosrun/chaosrun/harness"
)

// sample returns values with two upstreams.
func sample() values {
	return values{
		port: "4100", url: "http://127.0.0.1:4100", dir: "/tmp/run", here: "/etc/gw", home: "/cache/gw",
		settings: map[string]string{"retries": "2", "unset": ""},
		upstreams: []harness.Upstream{
			{
				Name: "primary", Protocol: "openai-chat", URL: "http://127.0.0.1:1", BaseURL: "http://127.0.0.1:1/v1",
				Key: "k1", Model: "m1",
			},
			{
				Name: "secondary", Protocol: "gemini", URL: "http://127.0.0.1:2", BaseURL: "http://127.0.0.1:2",
				Key: "k2", Model: "m2",
			},
		},
		env: func(name string) (string, bool) { return "secret", name == "TOKEN" },
	}
}

func TestExpand(t *testing.T) {
	for _, tt := range []struct{ text, want string }{
		{"plain", "plain"},
		{
			"{{url}}/v1 on {{ port }} in {{dir}}, {{here}}, {{home}}",
			"http://127.0.0.1:4100/v1 on 4100 in /tmp/run, /etc/gw, /cache/gw",
		},
		{"{{settings.retries}}{{settings.unset}}", "2"},
		{"{{upstream.1.model}} {{upstream.2.base_url}} {{upstream.secondary.key}}", "m1 http://127.0.0.1:2 k2"},
		{
			"[{{range upstreams}}{{index}}:{{name}}/{{protocol}}{{comma}}{{end}}]",
			"[1:primary/openai-chat,2:secondary/gemini]",
		},
		{
			"{{range upstreams}}{{url}} {{settings.retries}};{{end}}{{url}}",
			"http://127.0.0.1:1 2;http://127.0.0.1:2 2;http://127.0.0.1:4100",
		},
		{"a:\n  {{range upstreams}}\n  - {{key}}\n  {{end}}\nb: 1\n", "a:\n  - k1\n  - k2\nb: 1\n"},
		{"{{range upstreams}}\n{{name}}\n{{end}}", "primary\nsecondary\n"},
		{"{{{upstream.1.name}}: 1}", "{primary: 1}"},
		{`{{"{{"}} jinja }}`, "{{ jinja }}"},
		{"no }} opening", "no }} opening"},
		{"$HOME ${HOME} $${HOME}", "$HOME ${HOME} $${HOME}"},
	} {
		if got, err := sample().expand(tt.text); got != tt.want || err != nil {
			t.Errorf("%q: got %q, %v, want %q", tt.text, got, err, tt.want)
		}
	}
}

func TestExpandEnv(t *testing.T) {
	got, err := sample().expandEnv("Bearer ${TOKEN} $${TOKEN} $TOKEN {{port}}$")
	if want := "Bearer secret ${TOKEN} $TOKEN 4100$"; got != want || err != nil {
		t.Errorf("got %q, %v, want %q", got, err, want)
	}
	_, err = sample().expandEnv("${TOKEN}${MISSING}")
	if err == nil || !strings.Contains(err.Error(), "the environment variable MISSING is not set") ||
		strings.Contains(err.Error(), "secret") {
		t.Errorf("got %v", err)
	}
}

func TestExpandRefuses(t *testing.T) {
	for text, want := range map[string]string{
		"{{nope}}":               "{{nope}}",
		"{{upstream.3.url}}":     "{{upstream.3.url}}",
		"{{upstream.third.url}}": "{{upstream.third.url}}",
		"{{comma}}":              "{{comma}}",
		"{{range upstreams}}":    "has no {{end}}",
		"{{end}}":                "before it",
		"{{if x}}":               "is not a template",
		"{{port":                 "never closed",
		"{{range upstreams}}{{range upstreams}}{{end}}{{end}}": "is inside another",
	} {
		if _, err := sample().expand(text); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: got %v, want %q", text, err, want)
		}
	}
}

// FuzzTemplate looks for texts that make the parser panic, loop or lose text.
func FuzzTemplate(f *testing.F) {
	for _, text := range []string{
		"{{url}}", "{{range upstreams}} {{end}}\n", `{{"{{"}}`, "${A} $${B}", "{{{{", "}}",
		"{{end}}\n{{range upstreams}}",
	} {
		f.Add(text, true)
	}
	f.Fuzz(func(t *testing.T, text string, env bool) {
		parts, flaws := parseTemplate(text, env)
		for _, flaw := range flaws {
			if !strings.Contains(text, flaw.tag) {
				t.Errorf("%q is not in the template", flaw.tag)
			}
		}
		if strings.ContainsAny(text, "{$") {
			return
		}
		if got, err := (values{}).fill(text, env); got != text || err != nil || len(parts) > 1 {
			t.Errorf("got %q, %v", got, err)
		}
	})
}
