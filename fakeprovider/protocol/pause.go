package protocol

import (
	"fmt"

	"github.com/chaosrun/chaosrun/fakeprovider"
)

// noPause is what the encoders of vendors whose turns do not pause say to that.
func noPause(reason string) error {
	if reason == fakeprovider.ReasonPause {
		return fmt.Errorf("%w: no answer ends with %s", fakeprovider.ErrNoSuchFrame, fakeprovider.ReasonPause)
	}
	return nil
}
