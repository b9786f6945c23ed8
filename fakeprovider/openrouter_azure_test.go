package fakeprovider_test

import (
	"net/http"

	"github.com/openai/openai-go/v3"
	openaioption "github.com/openai/openai-go/v3/option"

	"github.com/chaosrun/chaosrun/fakeprovider"
)

func openRouterClient(s *fakeprovider.Server, c *http.Client) openai.Client {
	return openai.NewClient(openaioption.WithBaseURL(s.URL()+"/api/v1/"), openaioption.WithAPIKey("sk-secret"),
		openaioption.WithHTTPClient(c), openaioption.WithMaxRetries(0))
}

// azureClient says what openai-go's azure package would: a path with the deployment, a key in a header of its own. The package itself
// needs a library of Azure's.
func azureClient(s *fakeprovider.Server, c *http.Client) openai.Client {
	return openai.NewClient(openaioption.WithBaseURL(s.URL()+"/openai/deployments/gpt-4o-mini/"), openaioption.WithHeader("Api-Key", "sk-secret"),
		openaioption.WithQuery("api-version", "2024-10-21"), openaioption.WithHTTPClient(c), openaioption.WithMaxRetries(0))
}
