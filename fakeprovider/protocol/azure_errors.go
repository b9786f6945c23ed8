package protocol

import (
	"encoding/json"
	"net/http"
	"strconv"
	"strings"

	"github.com/chaosrun/chaosrun/fakeprovider"
	"github.com/chaosrun/chaosrun/fakeprovider/internal/sse"
)

const pickContentFilter = "content_filter"

// azureErrors returns Azure's errors, the usual one of a status first. Errors of the gateway have
// a code and a message alone. Those with a kind come from the model behind it and have OpenAI's
// fields.
func azureErrors() []vendorError {
	filtered := vendorError{
		status: 400, pick: pickContentFilter, code: pickContentFilter, param: "prompt",
		message: "The response was filtered due to the prompt triggering Azure OpenAI's content management policy. " +
			"Please modify your prompt and retry. To learn more about our content filtering policies please read our " +
			"documentation: https://go.microsoft.com/fwlink/?linkid=2198766",
	}
	rows := []vendorError{
		{
			status: 401, code: "401",
			message: "Access denied due to invalid subscription key or wrong API endpoint. Make sure to provide a " +
				"valid key for an active subscription and use a correct regional API endpoint for your resource.",
		},
		{status: 403, code: "403", message: "Access denied due to Virtual Network/Firewall rules."},
		{
			status: 404, code: "DeploymentNotFound",
			message: "The API deployment for this resource does not exist. If you created the deployment within the " +
				"last 5 minutes, please wait a moment and try again.",
		},
		{status: 404, pick: fakeprovider.CodeUnknownRoute, code: "404", message: "Resource not found"},
		{status: 408, code: "Timeout", message: "The operation was timeout."},
		{
			status: 429, code: "429",
			message: "Requests to the ChatCompletions_Create Operation under Azure OpenAI API have exceeded token " +
				"rate limit of your current OpenAI S0 pricing tier. Please retry after {retry} seconds. Please go " +
				"here: https://aka.ms/oai/quotaincrease if you would like to further increase the default rate limit.",
		},
		{
			status: 429, pick: "insufficient_quota", code: "insufficient_quota",
			message: "You exceeded your current quota, please check your plan and billing details.",
		},
		{
			status: 500, code: "InternalServerError",
			message: "The server had an error while processing your request. Sorry about that!",
		},
		{
			status: 503, code: "ServiceUnavailable",
			message: "The service is temporarily unable to process your request. Please try again later.",
		},
	}
	for _, row := range openAIErrors() { // a model's own errors are OpenAI's
		if row.status == http.StatusBadRequest {
			rows = append(rows, row)
		}
	}
	return append(append(rows, filtered), edgeErrors(413, 502, 504)...)
}

// azureOther returns the row of a status that the table does not have.
func azureOther(status int) vendorError { return vendorError{code: strconv.Itoa(status)} }

type azureError struct {
	Error any `json:"error"`
}

type azureGatewayFields struct {
	Code    string `json:"code"`
	Message string `json:"message"`
}

// azureFilteredFields is the error of a prompt that the content filter refused.
type azureFilteredFields struct {
	Message    string          `json:"message"`
	Type       nullable        `json:"type"`
	Param      string          `json:"param"`
	Code       string          `json:"code"`
	Status     int             `json:"status"`
	InnerError json.RawMessage `json:"innererror"`
}

// azureRetry returns how many whole seconds a rate limit asks for.
func azureRetry(p fakeprovider.Problem) string {
	if p.Header.Get("Retry-After") == "" {
		return "60"
	}
	whole, _, _ := strings.Cut(retryOf(p), ".")
	return whole
}

func azureErrorBody(row vendorError, p fakeprovider.Problem, m fakeprovider.Meta) []byte {
	row.message = strings.ReplaceAll(row.message, "{retry}", azureRetry(p))
	var fields any = azureGatewayFields{Code: row.code, Message: row.fill(p, m)}
	if row.kind != "" {
		fields = newOpenAIError(row, p, m).Error
	}
	if row.code == pickContentFilter {
		fields = azureFilteredFields{
			Message: row.fill(p, m), Param: row.param, Code: row.code, Status: row.status,
			InnerError: json.RawMessage(`{"code":"ResponsibleAIPolicyViolation","content_filter_result":` +
				strings.Replace(azureSafe, `"violence":{"filtered":false,"severity":"safe"}`,
					`"violence":{"filtered":true,"severity":"medium"}`, 1) + `}`),
		}
	}
	body, err := sse.Compact(azureError{fields})
	if err != nil {
		panic(err) // strings always have a JSON form
	}
	return body
}
