package protocol_test

import (
	"testing"

	"github.com/chaosrun/chaosrun/fakeprovider/protocol"
)

func FuzzAzureOpenAI(f *testing.F) { fuzzEncoder(f, protocol.AzureOpenAI{}, readChat()) }
