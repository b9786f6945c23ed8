package fault_test

import (
	"testing"

	"github.com/chaosrun/chaosrun/fakeprovider/internal/rig"
)

func TestMain(m *testing.M) { rig.Main(m) }
