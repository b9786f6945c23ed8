package failover

import (
	"net/http"
	"net/url"

	"github.com/openai/openai-go/v3/option"
)

// azureVersion is the api-version that Azure is asked for where Provider.APIVersion says nothing: the latest that is generally available
// (https://learn.microsoft.com/azure/ai-foundry/openai/api-version-lifecycle).
const azureVersion = "2024-10-21"

// newAzureOpenAI asks a deployment of Azure's: the model is the deployment's name and stands in the path, the key in a header of its own, and
// the version in the query. openai-go's own package for that would bring Azure's whole SDK along, for logins that an engine has no use for.
func newAzureOpenAI(p Provider, h *http.Client, sdk SDK) (client, error) {
	key := []option.RequestOption{option.WithHeader("Api-Key", p.APIKey), option.WithHeaderDel("Authorization")}
	if p.APIVersion == "v1" {
		return openAIChatAt("/openai/v1/", p, h, sdk, key...), nil
	}
	path := "/openai/deployments/" + url.PathEscape(p.Model) + "/"
	return openAIChatAt(path, p, h, sdk, append(key, option.WithQuery("api-version", firstOf(p.APIVersion, azureVersion)))...), nil
}
