package failover

import (
	"net/http"
	"net/url"

	"github.com/openai/openai-go/v3/option"
)

// azureVersion is the api-version if Provider.APIVersion is empty: the latest that is generally
// available (https://learn.microsoft.com/azure/ai-foundry/openai/api-version-lifecycle).
const azureVersion = "2024-10-21"

// newAzureOpenAI makes a client for a deployment of Azure's. The path holds the deployment's name,
// Azure's own header the key, and the query the version. openai-go's package for Azure would
// require Azure's whole SDK, for logins that an engine does not need.
func newAzureOpenAI(p Provider, h *http.Client, sdk SDK) (client, error) {
	key := []option.RequestOption{option.WithHeader("Api-Key", p.APIKey), option.WithHeaderDel("Authorization")}
	if p.APIVersion == "v1" {
		return openAIChatAt("/openai/v1/", p, h, sdk, key...), nil
	}
	path := "/openai/deployments/" + url.PathEscape(p.Model) + "/"
	return openAIChatAt(path, p, h, sdk,
		append(key, option.WithQuery("api-version", firstOf(p.APIVersion, azureVersion)))...), nil
}
