package protocol_test

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"strconv"

	"github.com/gorilla/mux"

	"github.com/chaosrun/chaosrun/fakeprovider"
	"github.com/chaosrun/chaosrun/fakeprovider/protocol"
)

// acme is Chat Completions as a vendor called Acme serves them: another path, a header of its own.
// What it does not say is OpenAI's.
type acme struct{ protocol.OpenAIChat }

const acmeBase = "/inference/v2"

func (acme) Name() string { return "acme" }

func (a acme) About() fakeprovider.About {
	about := a.OpenAIChat.About()
	about.Title = "Acme's form of OpenAI Chat Completions, POST /inference/v2/chat/completions"
	about.ProfileOf, about.BasePath = a.OpenAIChat.Name(), acmeBase
	about.Env = []fakeprovider.Variable{
		{Name: "ACME_BASE_URL", Value: "{base}"}, {Name: "ACME_API_KEY", Value: "{key}"},
	}
	about.Stream.Path, about.Whole.Path = acmeBase+"/chat/completions", acmeBase+"/chat/completions"
	about.Probes = nil
	return about
}

func (acme) Mount(r *mux.Router, h http.Handler) {
	r.Handle(acmeBase+"/chat/completions", h).Methods(http.MethodPost)
}

func (a acme) Problem(p fakeprovider.Problem, m fakeprovider.Meta) fakeprovider.Response {
	response := a.OpenAIChat.Problem(p, m)
	response.Header["X-Acme-Attempt"] = []string{strconv.Itoa(m.Attempt)}
	return response
}

// A protocol of your own is a type of your own.
func Example() {
	provider, err := fakeprovider.Start(fakeprovider.Options{
		Protocol: acme{}, OnRequest: []fakeprovider.Fault{fakeprovider.Script{fakeprovider.Fail{Status: 429}}},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer provider.Close()

	blanks := fakeprovider.Blanks{Model: "rocket-1", Prompt: "say hello", Key: "sk-any"}
	request, err := acme{}.About().Stream.Request(context.Background(), provider.URL(), blanks)
	if err != nil {
		fmt.Println(err)
		return
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		fmt.Println(err)
		return
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	fmt.Println(response.Status, response.Header.Get("X-Acme-Attempt"), err)
	fmt.Println(string(body[:42]))
	// Output:
	// 429 Too Many Requests 1 <nil>
	// {
	//     "error": {
	//         "message": "Rate
}
