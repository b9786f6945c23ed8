package fakeprovider

import (
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"math/rand/v2"
)

// chance returns the source of chance of one attempt for one purpose. It depends only on the
// seed, the provider, the attempt and the purpose. So no lane depends on the scheduling of
// another one, and no script on the padding of frames.
func (p *Provider) chance(purpose string, attempt int) *rand.Rand {
	sum := sha256.Sum256(fmt.Appendf(nil, "%d\x00%s\x00%d\x00%s", p.o.Seed, p.o.Name, attempt, purpose))
	return rand.New(rand.NewPCG(binary.BigEndian.Uint64(sum[:8]), binary.BigEndian.Uint64(sum[8:16])))
}
