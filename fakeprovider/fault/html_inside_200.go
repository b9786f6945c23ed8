package fault

import "github.com/chaosrun/chaosrun/fakeprovider"

// HTMLInside200 answers 200 with a web page, for example that of a login in front of the provider.
type HTMLInside200 struct{}

var _ fakeprovider.Fault = HTMLInside200{}

const loginPage = "<!DOCTYPE html>\n<html>\n<head><title>Sign in</title></head>\n<body>\n" +
	"<h1>Sign in to continue</h1>\n" +
	"<form method=\"post\" action=\"/login\"><input name=\"user\"><input name=\"password\" " +
	"type=\"password\"></form>\n</body>\n</html>\n"

// Info describes the fault.
func (HTMLInside200) Info() fakeprovider.Info {
	return fakeprovider.Info{
		IDs: []string{"H17"}, Name: "html-inside-200", Title: "The status is 200, and the body is a web page",
		Why: "A proxy, a login or a parked domain answers in the provider's place. A parser of events skips every " +
			"line of it and ends without an error; a parser of JSON reports its first character.",
		Right: fakeprovider.Right{
			Reaction: fakeprovider.FallBack,
			Note: "Treat another content type as a failure: name it in the error, and ask the next " +
				"provider.",
		},
		Issues:  []string{"https://github.com/groundlight/python-sdk/issues/28"},
		Default: HTMLInside200{},
	}
}

// Script sends the page.
func (HTMLInside200) Script() fakeprovider.Script {
	return fakeprovider.Script{
		fakeprovider.Respond{Headers: map[string]string{"Content-Type": "text/html; charset=utf-8"}},
		fakeprovider.Raw{Value: loginPage},
	}
}
