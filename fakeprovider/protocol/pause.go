package protocol

import (
	"fmt"

	"github.com/chaosrun/chaosrun/fakeprovider"
)

// noPause refuses pause_turn for vendors whose turns do not pause.
func noPause(reason string) error {
	if reason == fakeprovider.ReasonPause {
		return fmt.Errorf("%w: no answer ends with %s", fakeprovider.ErrNoSuchFrame, fakeprovider.ReasonPause)
	}
	return nil
}
