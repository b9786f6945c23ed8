package targets

import (
	"regexp"
	"slices"
	"strings"
)

// A part is a piece of a template.
type part struct {
	kind partKind
	// text is the literal text, the name, or the name of the variable. tag is how it was written.
	text, tag string
	// inner is what a range repeats.
	inner []part
}

type partKind uint8

const (
	partText partKind = iota + 1
	// partName is {{name}}.
	partName
	// partEnv is ${NAME}.
	partEnv
	// partRange is {{range upstreams}} … {{end}}.
	partRange
)

var (
	templateName     = regexp.MustCompile(`^[a-z_]+(\.[A-Za-z0-9_-]+)*$`)
	templateVariable = regexp.MustCompile(`^\$\{([A-Za-z_][A-Za-z0-9_]*)\}`)
)

// literalBraces is how a template writes two braces.
const literalBraces = `{{"{{"}}`

// parseTemplate splits a template. env says that ${NAME} is a variable, and $${ a literal ${. The
// flaws list all errors of its form; names are checked elsewhere.
func parseTemplate(text string, env bool) ([]part, []flaw) {
	p := templateParser{rest: text, env: env, stack: [][]part{nil}}
	for p.rest != "" {
		p.step()
	}
	if len(p.stack) > 1 {
		p.fail(p.open, "{{range upstreams}} has no {{end}}")
		p.end("")
	}
	return p.stack[0], p.flaws
}

type templateParser struct {
	rest string
	env  bool
	// stack holds the parts of the template, and of the range around the current position.
	stack [][]part
	// open is the tag of the open range.
	open  string
	flaws []flaw
	// line is the text of the current line so far, with the tags in it.
	line string
}

// step takes one literal, tag or variable off the rest.
func (p *templateParser) step() {
	next := strings.Index(p.rest, "{{")
	for next >= 0 && strings.HasPrefix(p.rest[next+2:], "{") {
		next++ // with three braces, the last two begin the tag
	}
	if p.env {
		if dollar := strings.Index(p.rest, "$"); dollar >= 0 && (next < 0 || dollar < next) {
			p.literal(dollar)
			p.dollar()
			return
		}
	}
	if next < 0 {
		p.literal(len(p.rest))
		return
	}
	p.literal(next)
	if strings.HasPrefix(p.rest, literalBraces) {
		p.add(part{kind: partText, text: "{{", tag: literalBraces})
		p.skip(len(literalBraces))
		return
	}
	end := strings.Index(p.rest, "}}")
	if end < 0 {
		p.fail("{{", "{{ is never closed with }}; write "+literalBraces+" for two braces")
		p.add(part{kind: partText, text: p.rest})
		p.rest = ""
		return
	}
	tag := p.rest[:end+2]
	p.skip(len(tag))
	p.tag(tag, strings.Fields(tag[2:end]))
}

// tag takes a whole tag, which precedes the rest.
func (p *templateParser) tag(tag string, words []string) {
	switch {
	case slices.Equal(words, []string{"range", "upstreams"}):
		if len(p.stack) > 1 {
			p.fail(tag, "a {{range upstreams}} is inside another one")
			return
		}
		p.alone(tag)
		p.open, p.stack = tag, append(p.stack, nil)
	case slices.Equal(words, []string{"end"}):
		if len(p.stack) == 1 {
			p.fail(tag, "{{end}} has no {{range upstreams}} before it")
			return
		}
		p.alone(tag)
		p.end(p.open)
	case len(words) == 1 && templateName.MatchString(words[0]):
		p.add(part{kind: partName, text: words[0], tag: tag})
	default:
		p.fail(tag, "%s is not a template: write {{name}}, {{range upstreams}} or {{end}}, and "+literalBraces+
			" for two braces", tag)
	}
}

// end closes the range.
func (p *templateParser) end(tag string) {
	top := len(p.stack) - 1
	inner := p.stack[top]
	p.stack = p.stack[:top]
	p.add(part{kind: partRange, inner: inner, tag: tag})
}

// alone removes the line of a {{range}} or an {{end}} if the line has no other text.
func (p *templateParser) alone(tag string) {
	before := strings.TrimSuffix(p.line, tag)
	line, _, more := strings.Cut(p.rest, "\n")
	if strings.TrimSpace(before) != "" || strings.TrimSpace(line) != "" {
		return
	}
	top := p.stack[len(p.stack)-1]
	if n := len(top); n > 0 && top[n-1].kind == partText {
		top[n-1].text = strings.TrimSuffix(top[n-1].text, before)
	}
	p.rest, p.line = p.rest[len(line):], ""
	if more {
		p.rest = p.rest[1:]
	}
}

// dollar takes a variable, or a literal dollar.
func (p *templateParser) dollar() {
	if strings.HasPrefix(p.rest, "$${") {
		p.add(part{kind: partText, text: "${", tag: "$${"})
		p.skip(len("$${"))
		return
	}
	if m := templateVariable.FindStringSubmatch(p.rest); m != nil {
		p.add(part{kind: partEnv, text: m[1], tag: m[0]})
		p.skip(len(m[0]))
		return
	}
	if strings.HasPrefix(p.rest, "${") {
		p.fail("${", "${ does not begin a variable: write ${NAME}, or $${ for a literal ${")
	}
	p.literal(1)
}

// literal takes n bytes of text.
func (p *templateParser) literal(n int) {
	if n > 0 {
		p.add(part{kind: partText, text: p.rest[:n]})
		p.skip(n)
	}
}

// skip takes n bytes off the rest.
func (p *templateParser) skip(n int) {
	p.line += p.rest[:n]
	if i := strings.LastIndexByte(p.line, '\n'); i >= 0 {
		p.line = p.line[i+1:]
	}
	p.rest = p.rest[n:]
}

func (p *templateParser) add(one part) {
	top := len(p.stack) - 1
	p.stack[top] = append(p.stack[top], one)
}

func (p *templateParser) fail(tag, format string, args ...any) {
	p.flaws = append(p.flaws, newFlaw(tag, format, args...))
}
